"""Whether gates of recurrent layers are shown anywhere: only then does a model run with its loops opened up.

With them a run takes some three times as long, which nobody should wait for who does not look at them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from embstudio.session.messages import TraceRequest

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio
    from embstudio.trace.trace import Trace

GATES = ("rnn.*", "gru.*", "lstm.*")
_MENTIONED = re.compile(r"\b(?:rnn|gru|lstm)\.")
NOBODY_ASKED = "start"  # until whoever shows gates has said whether it does


class Gates:
    """show(who, shown): `who` shows gates from now on, or does not any more."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._shown_by = {NOBODY_ASKED}
        self._tried: Trace | None = None  # what was run anew, so that a run that fails is not tried for ever
        studio.watches.changed.connect(self._on_watches)
        studio.busy_changed.connect(self._complete)  # gates may have been asked for while something ran without them

    @property
    def shown(self) -> bool:
        return bool(self._shown_by)

    def show(self, who: str, shown: bool) -> None:
        """The same input is run anew where gates are wanted that it was run without."""
        if shown == (who in self._shown_by):
            return
        (self._shown_by.add if shown else self._shown_by.discard)(who)
        self._complete()

    def prepare(self, request: TraceRequest) -> TraceRequest:
        """The request without gates, unless they are shown or something is held at a value."""
        return replace(request, without=() if self.shown or request.replacements else GATES)

    def _complete(self) -> None:
        trace = self._studio.trace
        lacking = trace is not None and bool(trace.unasked)
        if lacking and self.shown and not self._studio.busy and trace is not self._tried:
            self._tried = trace
            self._studio.run_again()

    def _on_watches(self) -> None:
        watches = self._studio.watches
        texts = (*watches.watches, *(each.text for each in watches.breakpoints if each.enabled))
        self.show("watches", any(map(_MENTIONED.search, texts)))
