"""No error leaves a method that Qt calls: it is reported, and Qt gets a value that it can use.

What an override returns is made into a C++ value after Python has left it. PySide reports an error
on the way there, but continues with it set: an integer that 64 bits cannot hold, returned from
``data``, made the next call of any override fail, and ended the program with a segmentation fault.
An error inside ``paintEvent`` leaves a painter open on a widget, which ends it as well. Neither is
for each method to think of.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, TypeVar

from PySide6.QtCore import QModelIndex, QRect, QSize
from PySide6.QtGui import QPixmap, QRegion
from PySide6.QtWidgets import QAbstractSpinBox

# Qt's virtual methods that are overridden here, but for those whose names end in "Event" and that
# return nothing; each with what makes the value that Qt is given when one has failed.
FALLBACKS: Mapping[str, Callable[[], object]] = {
    "columnCount": int,
    "data": lambda: None,
    "doItemsLayout": lambda: None,
    "drawItemText": lambda: None,
    "editorEvent": bool,
    "event": bool,
    "eventFilter": bool,
    "filterAcceptsRow": bool,
    "focusNextPrevChild": bool,
    "headerData": lambda: None,
    "heightForWidth": int,
    "horizontalOffset": int,
    "id": lambda: -1,
    "indexAt": QModelIndex,
    "initStyleOption": lambda: None,
    "lessThan": bool,
    "mergeWith": bool,
    "minimumSizeHint": QSize,
    "moveCursor": QModelIndex,
    "paint": lambda: None,
    "pixmap": QPixmap,
    "redo": lambda: None,
    "rowCount": int,
    "showPopup": lambda: None,
    "scrollTo": lambda: None,
    "selectAll": lambda: None,
    "setSelection": lambda: None,
    "sizeHint": QSize,
    "sort": lambda: None,
    "stepBy": lambda: None,
    "stepEnabled": lambda: QAbstractSpinBox.StepEnabledFlag.StepNone,
    "textFromValue": str,
    "undo": lambda: None,
    "updateGeometries": lambda: None,
    "verticalOffset": int,
    "visualRect": QRect,
    "visualRegionForSelection": QRegion,
}
# A count is a C++ int; every other integer is a long long.
INT_BITS, LONG_BITS = 31, 63

Class = TypeVar("Class", bound=type)
_reported: set[tuple[str, str, int]] = set()


def guarded(cls: Class) -> Class:
    """Let no error leave the methods by which a class overrides Qt's.

    It is reported like any uncaught error, through ``sys.excepthook``, but each only once: what
    fails while it is painted fails sixty times a second.

    Parameters
    ----------
    cls : type
        A class that derives from one of Qt's; other Python classes may lie between the two.
    """
    for base in cls.__mro__:
        if is_of_qt(base):
            break
        for name, method in vars(base).items():
            is_own = cls.__dict__.get(name, method) is method
            if is_own and is_override(cls, name, method) and not is_guarded(getattr(cls, name)):
                setattr(cls, name, _guard(method, FALLBACKS.get(name, lambda: None)))
    return cls


def is_of_qt(cls: type) -> bool:
    """Whether a class is one of Qt's."""
    return cls.__module__.startswith(("PySide6.", "Shiboken"))


def is_override(cls: type, name: str, method: object) -> bool:
    """Whether a method takes the place of one of Qt's that Qt calls itself."""
    if not (isinstance(method, FunctionType) and (name.endswith("Event") or name in FALLBACKS)):
        return False
    return any(is_of_qt(base) and hasattr(base, name) for base in cls.__mro__)


def is_guarded(method: object) -> bool:
    """Whether no error leaves a method."""
    return hasattr(method, "guarded_method")


def _guard(method: Callable[..., Any], fallback: Callable[[], object]) -> Callable[..., Any]:
    bits = INT_BITS if fallback is int else LONG_BITS

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            value = method(*args, **kwargs)
            if type(value) is int and value.bit_length() > bits:
                raise OverflowError(f"a number of {value.bit_length()} bits is too large for Qt")
        except BaseException as error:  # noqa: BLE001 - whatever it is, Qt cannot take it
            _report(method, error)
            return fallback()
        return value

    call.guarded_method = method  # type: ignore[attr-defined]
    return call


def _report(method: Callable[..., Any], error: BaseException) -> None:
    steps = traceback.extract_tb(error.__traceback__)
    place = (method.__qualname__, type(error).__name__, steps[-1].lineno or 0)
    if place not in _reported:
        _reported.add(place)
        sys.excepthook(type(error), error, error.__traceback__)
    traceback.clear_frames(error.__traceback__)  # and with them, painters that are still open
