"""Train the bundled sentiment transformer, from the project root:

    python -m models.sentiment-transformer.train --data ../shared/data

The recipe, shared with its siblings, is ``models/recipes/sentiment.py``; ``models/words`` must be made first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from models.recipes import sentiment

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    sentiment.make(HERE, options.data, "encoder", options.epochs, rate=7e-4)


if __name__ == "__main__":
    main()
