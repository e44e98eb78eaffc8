"""How a network is made and taught; Keras is imported inside its functions."""
