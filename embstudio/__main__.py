"""`python -m embstudio`: the same as the `embstudio` command."""

import sys

from embstudio.cli import main

if __name__ == "__main__":
    sys.exit(main())
