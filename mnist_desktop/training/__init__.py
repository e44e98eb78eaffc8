"""Building and training networks. Keras is imported only inside functions."""
