"""Train the bundled next-word model, from the project root:

    python -m models.next-word.train --data ../shared/data

The recipe, shared with its sibling, is ``models/recipes/next_word.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from models.recipes import next_word

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--epochs", type=float, default=5)
    parser.add_argument("--minutes", type=float, default=180, help="stop after so long, the rates falling in time")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    next_word.make(HERE, asked.data, shared=False, epochs=asked.epochs, minutes=asked.minutes, threads=asked.threads)


if __name__ == "__main__":
    main()
