"""What LiteRT files are made of: their mark, their version and the numbers of their operators.

The layout is that of TensorFlow's ``schema.fbs``, version 3. Its classes come with LiteRT and need
no TensorFlow.
"""

from __future__ import annotations

from functools import cache
from typing import Any

MARK = b"TFL3"  # the four bytes after the first four
VERSION = 3


def schema() -> Any:
    """Return the module with the schema's classes.

    It is imported here and not above, since that takes 10 to 20 ms.
    """
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


@cache
def operators_by_number() -> dict[int, str]:
    """Names of LiteRT's operators, such as ``"CONV_2D"``, by their numbers in a file."""
    known = vars(schema().BuiltinOperator)
    return {number: name for name, number in known.items() if name.isupper()}
