"""How long typing takes: from the key press in the sentence to the painted new trace, for each bundled model.

python benchmarks/typing_speed.py [characters]
"""

from __future__ import annotations

import sys

from live_window import live_window
from machine import describe, row
from PySide6.QtTest import QTest

SENTENCE = "The dog that I adopted from the pound five years ago won the pet"
MODELS = ("sentiment-lstm", "sentiment-rnn", "sentiment-transformer", "next-word", "words")
LETTERS = " competition and I loved it very much"


def main(characters: int) -> None:
    """Print one line a model."""
    print(f"{describe()}; 1360×860, {characters} characters each\n")
    print("| model | median ms | p95 ms | largest ms | target |\n|---|---|---|---|---|")
    with live_window() as live:
        field, studio = live.program.window.sentence.field, live.program.studio
        for model in MODELS:
            live.open(model, SENTENCE)
            times: list[float] = []
            while len(times) < characters:
                live.open(model, SENTENCE)
                field.setFocus()
                field.end(False)
                for letter in LETTERS[: characters - len(times)]:
                    wanted = field.text() + letter
                    times.append(
                        live.timed(
                            lambda letter=letter: QTest.keyClick(field, letter),
                            lambda wanted=wanted: studio.trace is not None and studio.trace.text == wanted,
                        )
                    )
            print(row(model, times, "≤ 60"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
