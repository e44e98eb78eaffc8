"""Networks written as LiteRT files, from their plans and weights and without TensorFlow.

TensorFlow's own converter takes a tenth of a second, holding the interpreter's lock, so that the
window stands still. Here each kind of layer is a function that says which of LiteRT's operators
compute it (`layers`, `recurrent`, `attention`, `activations`); what they make is a `graph`, which
is simplified as the converter does (`fusing`) and packed into a file (`file`).
"""
