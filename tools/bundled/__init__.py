"""The workshop in which the networks that ship with the program are made."""
