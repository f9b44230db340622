"""Train the bundled masked-word model, from the project root, after the next-word model:

    python -m models.masked-word.train --data ../shared/data

The recipe is ``models/recipes/masked_word.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from models.recipes import masked_word

HERE = Path(__file__).parent
EPOCHS = {1: 6, 2: 2}  # at most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--part", type=int, choices=(1, 2), help="one of the two parts; both when left out")
    parser.add_argument("--minutes", type=float, nargs=2, default=(30, 13), help="each part stops after so long")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    for part in (asked.part,) if asked.part else (1, 2):
        limit = asked.minutes[part - 1]
        masked_word.make(HERE, asked.data, part=part, epochs=EPOCHS[part], minutes=limit, threads=asked.threads)


if __name__ == "__main__":
    main()
