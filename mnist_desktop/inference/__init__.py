"""Reading one digit now, with LiteRT and without TensorFlow."""
