"""``python -m mnist_desktop`` is the ``mnist-desktop`` command."""

import sys

from mnist_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
