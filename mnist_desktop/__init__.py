"""MNIST Desktop: train a handwritten-digit network, see what it learnt, draw digits for it."""

__version__ = "0.1.0"
