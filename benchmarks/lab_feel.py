"""How the Lab feels while it trains: how soon a pause takes effect, frames a second, whether looking on costs speed.

    python benchmarks/lab_feel.py [--pauses 100] [--seconds 10] [--text FILE] [--trainer ours|gensim]

Pause: from the click on Pause until the process that trains rests, by a clock that both processes read (Linux, macOS),
and until the window shows it, which also waits for the picture that is being worked out. gensim's threads then still
end the pieces they are at, some 10 ms each.
Frames: moves of the map that were painted, at full speed on the word2vec bench. Speed: words a second, told by the
process that trains, with the page in sight and hidden, in turn. Under Xvfb or on a screen; QT_QPA_PLATFORM=offscreen
paints as well.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from machine import describe, row
from PySide6.QtWidgets import QApplication

from embstudio.gui.panels.lab.word2vec_page import Word2vecPage
from embstudio.gui.style.theme import Theme
from embstudio.lab.messages import Standing
from embstudio.lab.word2vec.settings import GENSIM, OURS
from embstudio.studio import Studio

PATIENCE_S = 120


class Bench:
    """The page in a window of its own, and the loop of events."""

    def __init__(self, application: QApplication, trainer: str, text: Path | None) -> None:
        self.application = application
        theme = Theme(application)
        theme.apply("dark")
        self.page = Word2vecPage(Studio(lambda *_: None, lambda _: None), theme)
        self.page.resize(1100, 700)
        self.page.show()
        self.page.bar.pace.setCurrentText("full speed")
        if text is not None:
            self.page.text.open(text)
        self.page.knobs.fields["epochs"].setValue(10_000)  # type: ignore[union-attr]
        self.page.knobs.fields["trainer"].setCurrentText(trainer)  # type: ignore[union-attr]

    def wait(self, done: Callable[[], bool]) -> None:
        limit = time.perf_counter() + PATIENCE_S
        while not done():
            self.application.processEvents()
            if time.perf_counter() > limit:
                raise TimeoutError(self.page.fault.text() or "it did not get there")

    def stands(self, standing: Standing) -> bool:
        return self.page.report is not None and self.page.report.standing is standing

    def go_for(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() >= end)

    def pause_after(self, seconds: float) -> tuple[float, float]:
        """Milliseconds from the click until training rests, and until the window shows it."""
        self.page.run()
        self.wait(lambda: self.stands(Standing.RUNNING))
        self.go_for(seconds)
        began = time.monotonic()
        self.page.bar.run.click()
        self.wait(lambda: self.stands(Standing.PAUSED))
        assert self.page.report is not None
        return 1000 * (self.page.report.since - began), 1000 * (time.monotonic() - began)

    def speed_over(self, seconds: float) -> float:
        """Words a second: epochs that went by, which the reports tell."""
        assert self.page.seen is not None
        words = int(self.page.seen.about.counts.sum())
        began, at = time.perf_counter(), self._at
        self.go_for(seconds)
        return words * (self._at - at) / (time.perf_counter() - began)

    @property
    def _at(self) -> float:
        assert self.page.report is not None
        return self.page.report.epoch + self.page.report.share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pauses", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--text", type=Path)
    parser.add_argument("--trainer", choices=("ours", "gensim"), default="ours")
    asked = parser.parse_args()
    application = QApplication([])
    bench = Bench(application, OURS if asked.trainer == "ours" else GENSIM, asked.text)
    page = bench.page
    print(describe())
    pauses = [bench.pause_after(0.02 + 0.13 * (number % 7) / 7) for number in range(asked.pauses)]
    print("| | median ms | p95 | largest | aim |\n|---|---|---|---|---|")
    print(row("training rests", [rests for rests, _ in pauses], "≤ 50 ms"))
    print(row("the window shows it", [seen for _, seen in pauses], ""))
    page.run()
    bench.wait(lambda: bench.stands(Standing.RUNNING))
    bench.go_for(1.0)
    frames, began = page.map.frames, time.perf_counter()
    bench.go_for(asked.seconds)
    print(f"frames: {(page.map.frames - frames) / (time.perf_counter() - began):.0f} a second (aim: at least 30)")
    shown, hidden = [], []
    for _ in range(3):
        page.show()
        shown.append(bench.speed_over(asked.seconds / 2))
        page.hide()
        hidden.append(bench.speed_over(asked.seconds / 2))
    in_sight, out_of_sight = statistics.median(shown), statistics.median(hidden)
    print(f"speed: {in_sight:,.0f} words a second in sight, {out_of_sight:,.0f} hidden, "
          f"{in_sight / out_of_sight:.1%} of it (aim: 100 %)")  # fmt: skip
    page.link.close()


if __name__ == "__main__":
    main()
