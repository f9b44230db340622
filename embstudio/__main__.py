"""The program's one door: `embstudio`, `python -m embstudio` and the packaged program all start here.

It stands above the window and the command line, so that neither knows the other.
"""

import multiprocessing
import sys
from collections.abc import Sequence

from embstudio.cli.arguments import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit status: 0 done, 1 failed, 2 not understood."""
    multiprocessing.freeze_support()  # the packaged program is its own worker
    asked = parse(arguments)
    if asked.verb == "open":
        from embstudio.gui.app import run

        return run(asked.model, asked.text, asked.screenshot, asked.quit_after, asked.provider)
    if asked.verb == "platform":
        from embstudio.gui.platform import report

        return report()

    from embstudio.cli.verbs import perform

    return perform(asked)


if __name__ == "__main__":
    sys.exit(main())
