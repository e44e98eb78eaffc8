"""Networks as plans of layers, and the Keras models built from them."""
