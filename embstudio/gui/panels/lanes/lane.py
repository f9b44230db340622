"""One lane as the panel shows it: a model, its reading of the text, what it says and holds at each of its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from embstudio.base.errors import StudioError
from embstudio.session.messages import Opened
from embstudio.stepper.alignment import Alignment
from embstudio.stepper.knowledge import Looks, States, looks, states
from embstudio.stepper.reading import Reading
from embstudio.stepper.saying import Saying
from embstudio.studio import Document, Studio
from embstudio.studio.companion import Companion
from embstudio.studio.companions import Companions
from embstudio.studio.prefixes import PrefixRuns
from embstudio.trace.trace import Trace


@dataclass(eq=False)
class Lane:
    """member: None for the open model. trace: None while there is none of the text that is shown."""

    member: Companion | None
    title: str
    document: Document | None
    trace: Trace | None
    second: str
    prefixes: PrefixRuns
    problem: StudioError | None = None
    _said: tuple[int, Saying] | None = None  # with so many beginnings run

    @classmethod
    def of_open(cls, studio: Studio) -> Lane:
        """The lane of the open model. There must be one."""
        assert studio.document is not None
        second = studio.ran.second or "" if studio.ran is not None else ""
        return cls(None, studio.document.source.title, studio.document, studio.trace, second, studio.prefixes)

    @classmethod
    def of(cls, member: Companion, companions: Companions) -> Lane:
        """The lane of another model, with its trace if that is of the text that is shown."""
        second = member.ran.second or "" if member.ran is not None else ""
        trace = member.trace if companions.current(member) else None
        return cls(member, member.title, member.document, trace, second, member.prefixes, member.problem)

    @cached_property
    def reading(self) -> Reading:
        if self.trace is None:
            return Reading((), (), 0)
        return Reading.of(self.trace.tokens, self.trace.text, self.second, cut=self.trace.window is not None)

    @property
    def kind(self) -> str:
        """What sort of model it is, in a few words."""
        return kind_of(self.document.opened) if self.document is not None else ""

    def saying(self) -> Saying | None:
        """What it says, as far as it is known by now."""
        if self.trace is None or self.document is None:
            return None
        if self._said is None or self._said[0] != self.prefixes.done:
            self._said = self.prefixes.done, Saying(self.trace, self.prefixes.scores, self.document.labels)
        return self._said[1]

    @cached_property
    def states(self) -> States | None:
        return states(self.trace) if self.trace is not None else None

    @cached_property
    def looks(self) -> Looks | None:
        return looks(self.trace) if self.trace is not None else None

    def alignment_from(self, other: Lane) -> Alignment:
        """From the tokens of another lane to those of this one."""
        return Alignment(other.reading, self.reading)


def alike(old: Lane, new: Lane) -> bool:
    """Whether nothing has changed that would have to be worked out again."""
    return (
        old.member is new.member and old.trace is new.trace and old.document is new.document
        and old.problem is new.problem and old.title == new.title
    )  # fmt: skip


def kind_of(opened: Opened) -> str:
    """LSTM, 64 units · transformer, 12 layers."""
    anatomy = opened.anatomy
    if anatomy.blocks:
        stacks = {block.stack for block in anatomy.blocks}
        layers = max(block.layer + 1 for block in anatomy.blocks)
        name = "encoder-decoder" if {"encoder", "decoder"} <= stacks else "transformer"
        return f"{name}, {layers} layer{'s' * (layers > 1)}"
    if anatomy.recurrent:
        kinds = dict.fromkeys(layer.kind.upper() for layer in anatomy.recurrent)
        last = anatomy.recurrent[-1]
        both = ", both ways" if len(last.directions) > 1 else ""
        layers = len(anatomy.recurrent)
        many = f"{layers} layers, " if layers > 1 else ""
        return f"{' and '.join(kinds)}, {many}{last.units} units{both}"
    return anatomy.kind if anatomy.kind != "unknown" else "another kind of model"
