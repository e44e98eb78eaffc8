"""What a network is: a plan of layers."""
