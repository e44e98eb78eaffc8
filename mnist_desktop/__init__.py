"""MNIST Desktop: train a handwritten-digit network, see what it learnt, draw digits for it."""

__version__ = "0.1.0"

import logging

# Without a handler, warnings would be printed next to the command line's one sentence.
logging.getLogger(__name__).addHandler(logging.NullHandler())
