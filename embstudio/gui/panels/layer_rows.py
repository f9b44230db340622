"""What the Layers panel writes of one token: columns, rows, and the sentences around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from embstudio.gui.panels import layer_words as said
from embstudio.gui.plots.stage_table import StageCell, StageColumn, StageRow
from embstudio.gui.style.numbers import four, percent
from embstudio.session.messages import Lens
from embstudio.trace.stream import Change, Stage, settled

CAUTION = "Earlier layers were not trained to end there: their words are hints."
TIGHT = 8  # digits that each column of words has left where room is scarce
MOST = 6  # choices of the lens that are listed where there is room
Shown = tuple[StageColumn, Callable[[int], StageCell]]  # a column, and its cell of a stage
_ORDER = (said.LENGTH, said.TO_START, said.TO_BEFORE)


@dataclass(frozen=True)
class LayerRows:
    """shown, changes: the stages of the token at `place` and what happened there. lens: what they stand for, once that
    is known. word: the text of a token id."""

    shown: tuple[Stage, ...]
    changes: tuple[Change, ...]
    place: int
    lens: Lens | None
    word: Callable[[int], str]

    @cached_property
    def settles(self) -> int | None:
        """The stage from which the first choice stays what it is at the end."""
        if self.lens is None or not self.lens.ids.shape[1]:
            return None
        return settled([int(self.lens.ids[self._read_at(place), 0]) for place in range(len(self.shown))])

    def telling(self, token: str) -> str:
        """The token in one sentence."""
        if self.settles is None or self.lens is None:
            turned = self.changes[-1].to_start
            return f"‘{token}’ through {len(self.shown)} stages: cosine with its start at the end {four(turned)}"
        last = self._read_at(len(self.shown) - 1)
        word, p = self.word(int(self.lens.ids[last, 0])), float(self.lens.probabilities[last, 0])
        where = said.stage_title(self.shown[self.settles])
        since = f"first choice from “{where}” on" if self.settles else "first choice from the start"
        return f"‘{token}’ → ‘{word}’ {percent(p)}, {since}"

    def note(self) -> str:
        """What must be known of the words: how sure the lens is, or why there are none."""
        lens = self.lens
        if lens is None:
            return ""
        if not lens.ids.shape[1]:
            return " ".join(lens.notes)
        agrees = f"to {lens.worst:.0e}" if lens.worst else "exactly"
        return " ".join((*lens.notes, f"At the last layer the lens is the model itself, {agrees}. {CAUTION}"))

    def layout(self, fits: Callable[[Sequence[StageColumn]], bool]) -> list[Shown]:
        """The columns there is something for: numbers, words, the lens. Where they do not fit beside one another those
        go whose numbers the tooltip of a stage has, and the lens gets as many choices as there is room for."""
        parallel = any(len(change.added) > 1 for change in self.changes)
        longest = max(len(said.stage_title(stage)) for stage in self.shown)
        stage = replace(said.STAGE, wide=max(said.STAGE.wide, longest - 3))  # letters are narrower than digits
        start: list[Shown] = [(stage, self._stage_cell), (said.written_column(wide=parallel), self._written_cell)]
        turned: list[Shown] = [
            (said.LENGTH, lambda place: said.length_cell(self.changes[place])),
            (said.TO_BEFORE, lambda place: said.to_before_cell(self.changes[place])),
            (said.TO_START, lambda place: said.to_start_cell(self.changes[place])),
        ]
        words = self._word_columns()
        while turned and not fits([column for column, _ in (*start, *turned, *words)]):
            turned.pop(0)
        if not turned:
            words = [(replace(column, wide=min(column.wide, TIGHT)), cell) for column, cell in words]
        layout = [*start, *sorted(turned, key=lambda shown: _ORDER.index(shown[0])), *words]
        lens = self.lens
        choices = min(MOST, lens.ids.shape[1]) if lens is not None else 0
        for choice in range(1, choices):
            wider: list[Shown] = [*layout, (said.lens_column(choice + 1), partial(self._choice_cell, choice))]
            if not fits([said.AIR, *(column for column, _ in wider)]):
                break
            layout = wider
        return layout

    def _word_columns(self) -> list[Shown]:
        lens = self.lens
        columns: list[Shown] = []
        if lens is None or lens.rows.shape[1]:
            columns.append((said.NEAREST, self._nearest_cell))
        if lens is not None and lens.ids.shape[1]:
            for at, id_ in enumerate(lens.words):
                column = said.followed_column(self.word(id_), own=at == 0)
                columns.append((column, partial(self._followed_cell, at)))
            columns.append((said.lens_column(1), partial(self._choice_cell, 0)))
        return columns

    def rows(self, layout: Sequence[Shown], layer: int) -> list[StageRow]:
        """A row for each stage; those of the current layer are marked, and the one where the choice settles."""
        return [
            StageRow(
                tuple(cell(place) for _column, cell in layout),
                current=stage.layer is not None and stage.layer == layer,
                rule=self.settles == place and place > 0,
            )
            for place, stage in enumerate(self.shown)
        ]

    def _stage_cell(self, place: int) -> StageCell:
        return said.stage_cell(self.shown[place], self.changes[place], self.place)

    def _written_cell(self, place: int) -> StageCell:
        return said.written_cell(self.changes[place])

    def _nearest_cell(self, place: int) -> StageCell:
        lens = self.lens
        if lens is None:
            return StageCell("…", "The worker is looking for them.")
        near = [
            (self.word(row), float(cosine)) for row, cosine in zip(lens.rows[place], lens.cosines[place], strict=True)
        ]
        about = "\n".join(f"cos(x, E[‘{word}’]) = {four(cosine)}" for word, cosine in near)
        return StageCell("  ".join(word for word, _ in near), about)

    def _choice_cell(self, choice: int, place: int) -> StageCell:
        assert self.lens is not None
        read = self._read_at(place)
        id_, p = int(self.lens.ids[read, choice]), float(self.lens.probabilities[read, choice])
        word = self.word(id_)
        about = f"p(‘{word}’) = softmax(head(norm(x)))[{id_}] = {four(p)} ({percent(p)})"
        strong = choice == 0 and self.settles is not None and place >= self.settles
        return StageCell(word, about, tail=said.short_percent(p), tint=p, strong=strong)

    def _followed_cell(self, at: int, place: int) -> StageCell:
        assert self.lens is not None
        read = self._read_at(place)
        rank, p = int(self.lens.ranks[read, at]), float(self.lens.followed[read, at])
        about = f"‘{self.word(self.lens.words[at])}’ is number {rank:,} here, with p = {four(p)} ({percent(p)})"
        return StageCell(f"{rank:,}", about, bar=p)

    def _read_at(self, place: int) -> int:
        """The stage whose look through the head counts for a stage: the norm of the head is not put on twice."""
        return place - 1 if place and self.shown[place].point.endswith("final_norm") else place
