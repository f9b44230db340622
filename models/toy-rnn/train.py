"""Write the notes' RNN, from the project root; nothing is trained, and no data is needed:

    python -m models.toy-rnn.train

The numbers are in ``models/recipes/noted.py``, what is made of them in ``models/recipes/toy_cells.py``.
"""

from __future__ import annotations

from pathlib import Path

from models.recipes import card, toy_cells, toy_figures

HERE = Path(__file__).parent


def main() -> None:
    toy_cells.make_rnn(HERE)
    card.update(HERE / "card.toml", quality=toy_figures.of_toy_rnn(HERE, Path()))


if __name__ == "__main__":
    main()
