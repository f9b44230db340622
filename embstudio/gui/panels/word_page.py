"""The page of the Prediction panel for models that predict words: the list, how one is chosen, and writing it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from embstudio.formulas.sampling import draw
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.sampling_controls import SamplingControls
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.token_label import token_label, visible_text
from embstudio.gui.plots.word_bars import FOLLOWS, STANDS, WordBar, WordBars, describe
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gap import Gap, end_place, fills_gaps, gap_at
from embstudio.stepper.prediction import LOGITS, predicted_tokens
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.trace import Trace

SHOWN = 10
RECOMPUTED = "Probabilities are worked out here, in float64, from the logits that onnxruntime returned."
ONLY_LAST = "This model gives scores for the last token only."
LONGEST = 10  # letters of a word on a button
UNWRITABLE = "\nNot here: only one whole sentence can be written on."
NARROW = 480  # pixels below which the controls stand under the list, at text scale 1
# The scale of the bars: whole steps, so that it seldom changes from token to token.
_SCALES = (0.1, 0.25, 0.5, 1.0)


class WordPage(QWidget):
    """Follows the studio's cursor as told by the panel: `show_trace`, then `show_place`."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.theme = theme
        self.listed: tuple[int, ...] = ()  # ids of the bars
        self.probabilities = np.zeros(0)  # that words are drawn with
        self._gap: Gap | None = None
        self.verdict = ElidedLabel("", self)
        self.verdict.setObjectName("wordVerdict")
        self.bars = WordBars(theme)
        self.bars.describe = self._describe
        self.bars.picked.connect(self._on_picked)
        self.bars.hovered.connect(self._point_at)
        self.bars.unhovered.connect(lambda: studio.point_at(None))
        self.controls = SamplingControls()
        self.controls.changed.connect(self.show_place)
        self.controls.best_wanted.connect(self._write_best)
        self.controls.drawn_wanted.connect(self._write_drawn)
        self.controls.mask_wanted.connect(studio.writer.mask)
        self.controls.undo_wanted.connect(studio.writer.undo)
        self.at = QSpinBox(self)  # of the decoder's tokens
        self.at.setObjectName("decoderToken")
        self.at.setAccessibleName("Token of the decoder")
        self.at.setToolTip("After which of the decoder's own tokens; they are another sequence than the one above")
        self.at.valueChanged.connect(lambda _value: self.show_place())
        self._at_label = QLabel("&decoder token", self)
        self._at_label.setBuddy(self.at)
        self._arrange()
        for key, button in (("Ctrl+Return", self.controls.best), ("Ctrl+Shift+Return", self.controls.drawn)):
            QShortcut(QKeySequence(key), self).activated.connect(button.click)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 0, 8, 0)
        top.addWidget(self.verdict, 1)
        top.addWidget(self._at_label)
        top.addWidget(self.at)
        self._body = QWidget()
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._body)
        self._across.setContentsMargins(0, 0, 0, 0)
        self._across.setSpacing(4)
        self._across.addWidget(self.bars, 1)
        self._across.addWidget(self.controls, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(ScrollBody(self._body, "wordScroll"), 1)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.verdict.setFont(self.theme.font("large"))
        self.controls.fit()
        self.bars.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(240 * self.theme.scale), round(90 * self.theme.scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW * self.theme.scale
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._across.setDirection(way)

    # Following the studio ----------------------------------------------------------------------------------------

    def show_trace(self) -> None:
        """Another trace is there, of a model that predicts words."""
        trace = self.studio.trace
        assert trace is not None
        decoded = bool(trace.target)
        for widget in (self._at_label, self.at):
            widget.setVisible(decoded)
        if decoded:
            self.at.blockSignals(True)
            self.at.setRange(1, len(trace.target))
            self.at.setSuffix(f" of {len(trace.target)}")
            self.at.setValue(len(trace.target))
            self.at.blockSignals(False)
        self.controls.masking.setVisible(self._mask is not None and fills_gaps(trace, self._mask))

    def show_place(self) -> None:
        """The cursor moved, or how a word is chosen changed."""
        trace = self.studio.trace
        if trace is None:
            return
        place = self._place(trace)
        beginning = None if trace.target else self.studio.prefixes.scores_at(place)
        self._gap = gap_at(trace, place, self._mask, self.studio.writer.hidden, beginning)
        if self._gap is None:
            self.listed = ()
            self.bars.set_bars((), 1.0)
            self.verdict.setText(self._why_nothing())
        else:
            self.probabilities = self.controls.sampling.of(self._gap.scores)
            word = token_label(predicted_tokens(trace)[place])
            where = f"in place of ‘{word}’" if self._gap.fills else f"after ‘{word}’"
            if self._from_beginning(trace):
                where = f"the text up to ‘{word}’, run by itself"
            self.verdict.setText(f"{where}: {self._show_bars(self._gap)}")
        self._show_buttons()

    def _from_beginning(self, trace: Trace) -> bool:
        """Whether the scores at the cursor are of a run on the beginning of the text."""
        place = self._place(trace)
        return not trace.target and place < len(trace) - 1 and self.studio.prefixes.scores_at(place) is not None

    def _why_nothing(self) -> str:
        prefixes = self.studio.prefixes
        if not prefixes.needed or prefixes.finished:
            return ONLY_LAST
        return f"{ONLY_LAST} {prefixes.done} of {prefixes.total} beginnings of the text are run …"

    def _place(self, trace: Trace) -> int:
        return self.at.value() - 1 if trace.target else self.studio.cursor.token

    def _show_bars(self, gap: Gap) -> str:
        """Fill the list; returns what is to be said of it."""
        plain = self.controls.sampling.is_plain
        rows, apart = gap.listed(SHOWN)
        bars = [
            WordBar(
                rank, self._word(word.id), word.probability, actual=word.id == gap.actual,
                apart=apart and place == len(rows) - 1,
                after=None if plain else float(self.probabilities[word.id]),
            )
            for place, (rank, word) in enumerate(rows)
        ]  # fmt: skip
        self.listed = tuple(word.id for _rank, word in rows)
        highest = max(max(bar.probability, bar.shown) for bar in bars)
        full = next(scale for scale in _SCALES if highest <= scale + 1e-9)
        self.bars.set_bars(bars, full, STANDS if gap.fills else FOLLOWS)
        first = bars[0].word.strip("␣") or bars[0].word
        said = f"{first} {percent(bars[0].probability)}"
        if not plain:
            kept = int(np.count_nonzero(self.probabilities))
            said += f", then {percent(bars[0].shown)} of {kept:,} word{'' if kept == 1 else 's'} left"
        if gap.rank is not None and gap.actual is not None:
            which = "what follows" if not gap.fills else "what the mask hides" if gap.masked else "what stands there"
            word = visible_text(self._word(gap.actual).replace("␣", " "))
            said += f"; {which}, ‘{word}’, is number {gap.rank:,}"
        return said + ("" if full == 1.0 else f" (bars end at {100 * full:.0f} %)")

    def _show_buttons(self) -> None:
        controls, gap = self.controls, self._gap
        can_write = self.studio.writer.writable and gap is not None and gap.open
        refused = "" if self.studio.writer.writable else UNWRITABLE
        if gap is not None and not gap.open:
            controls.best.setText("Go to the end")
            controls.best.setToolTip("A word can be written after the last token")
            controls.best.setEnabled(True)
        else:
            word = self._word(int(self.probabilities.argmax())).strip("␣") if gap is not None else ""
            verb = "Put" if gap is not None and gap.fills else "Append"
            controls.best.setText(f"{verb} ‘{_short(word)}’" if word else verb)
            controls.best.setToolTip(f"Write the likeliest word, and step on to it (Ctrl+Enter){refused}")
            controls.best.setEnabled(can_write)
        controls.drawn.setEnabled(can_write)
        controls.drawn.setToolTip(
            "Draw a word by these probabilities with the seed, write it, and step on to it (Ctrl+Shift+Enter)" + refused
        )
        controls.masking.setEnabled(self.studio.writer.writable and gap is not None and gap.fills and not gap.masked)
        controls.undo.setEnabled(self.studio.writer.can_undo)
        controls.plain.setEnabled(not controls.sampling.is_plain)

    @property
    def _mask(self) -> int | None:
        document = self.studio.document
        return document.opened.tokenizer.mask if document and document.opened.tokenizer else None

    # What the person does ----------------------------------------------------------------------------------------

    def _write_best(self) -> None:
        trace, gap = self.studio.trace, self._gap
        if trace is None or gap is None:
            return
        if gap.open:
            self._write(int(self.probabilities.argmax()))
        elif trace.target:
            self.at.setValue(self.at.maximum())
        else:
            self.studio.cursor.move(token=end_place(trace))

    def _write_drawn(self) -> None:
        """Drawn with the seed and the place, so that the same text is written again with the same seed."""
        trace = self.studio.trace
        if trace is not None and self._gap is not None:
            u = np.random.default_rng((self.controls.seed.value(), len(predicted_tokens(trace)))).random()
            self._write(draw(self.probabilities, float(u)))

    def _on_picked(self, row: int) -> None:
        if self._gap is not None and self._gap.open:
            self._write(self.listed[row])

    def _point_at(self, row: int) -> None:
        """Show a word's score in the inspector."""
        trace = self.studio.trace
        if trace is None or row >= len(self.listed) or self._from_beginning(trace):
            return  # the trace holds no such score
        shape, tokens = trace[LOGITS].shape, len(predicted_tokens(trace))
        place = self._place(trace) - (tokens - shape[0] if len(shape) == 2 else 0)
        id_ = self.listed[row]
        self.studio.point_at(Probe(LOGITS, (place, id_) if len(shape) == 2 else (id_,)))

    def _write(self, id_: int) -> None:
        if self._gap is not None and self._gap.fills:
            self.studio.writer.put(id_)
        else:
            self.studio.writer.append(id_)

    # Words -------------------------------------------------------------------------------------------------------

    def _describe(self, row: int) -> str:
        gap, bar, id_ = self._gap, self.bars.bars[row], self.listed[row]
        if gap is None:
            return ""
        x, temperature = float(gap.scores[id_]), self.controls.temperature.value()
        lines = [
            f"{describe(bar, self.bars.mark)} (token {id_})",
            f"p = exp({four(x)}) / Σ exp(x) = {four(bar.probability)}",
        ]
        if bar.after == 0:
            lines.append("cut off by the settings: it cannot be drawn")
        elif bar.after is not None:
            lines.append(f"with T = {temperature:g}, shared out among the words that are left: {four(bar.after)}")
        lines.append(("Click to write it." if gap.open else "Go to the last token to write on.") + f" {RECOMPUTED}")
        return "\n".join(lines)

    def _word(self, id_: int) -> str:
        """A vocabulary entry with its white space visible: ␣dog, ⏎."""
        text = self.studio.document.word(id_) if self.studio.document else f"#{id_}"
        return text.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥") or "(empty)"


def _short(word: str) -> str:
    return word if len(word) <= LONGEST else word[: LONGEST - 1] + "…"
