#!/bin/sh
# Prints the path of the first Python from 3.11 to 3.13 that really starts, or nothing: a pyenv shim
# may be only a name, and Windows' own python3 only opens the Store. PYTHON names another one, by its
# path or by a command of several words.

# Windows would end the line with a carriage return.
program='import sys
if not (3, 11) <= sys.version_info < (3, 14):
    sys.exit(1)
sys.stdout.write(sys.executable)'

try() {
    found=$("$@" -c "$program" 2>/dev/null) || return 0
    echo "$found"
    exit
}

if [ -n "${PYTHON:-}" ]; then
    try "$PYTHON"
    try $PYTHON
    exit
fi
# python.org's installer for Windows puts only its launcher, py, on the PATH.
for version in 3.12 3.11 3.13; do
    try "python$version"
    try py "-$version"
done
try python3
try python
