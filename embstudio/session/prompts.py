"""From what a person asks for to tokens and rows of ids: texts cut into tokens, ids named, too long ones cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import InputError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session import budget
from embstudio.session.feeding import own_feeds
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Fed, Feeder
from embstudio.session.feeding.sequences import Sequences
from embstudio.session.feeding.slots import Side
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.trace.token import Token
from embstudio.trace.window import Window, cut


@dataclass(frozen=True)
class Prompt:
    """One input on its way into the model.

    tokens, target: what the model, or its encoder and its decoder, are to read in this run. past: what is to be read
    before it. fed: the graph's inputs, where the person gave them.
    """

    text: str
    tokens: tuple[Token, ...]
    target: tuple[Token, ...] = ()
    past: tuple[Token, ...] = ()
    notes: tuple[str, ...] = ()
    window: Window | None = None
    fed: Fed | None = None

    @property
    def sequences(self) -> Sequences:
        """The ids of this run, with those before it in the cache."""
        return Sequences(_ids(self.tokens), [token.segment for token in self.tokens], _ids(self.target), len(self.past))

    def first(self, own: Side) -> Prompt:
        """The run before this one, in which the tokens of the past are read."""
        if own is Side.TARGET:
            return replace(self, target=self.past, past=())
        return replace(self, tokens=self.past, past=())

    def cut(self, feeder: Feeder) -> tuple[Prompt, Prompt | None]:
        """The run of the last tokens, as many as a graph takes at once, and the one before it of those before them."""
        own = self.target if feeder.own is Side.TARGET else self.tokens
        count = len(own) - (feeder.step or len(own))
        if count <= 0:
            return self, None
        note = f"Of the new tokens {count} were read into the cache too: the model takes {feeder.step} at a time."
        last = replace(self, past=(*self.past, *own[:count]), notes=(*self.notes, note))
        if feeder.own is Side.TARGET:
            return replace(last, target=own[count:]), replace(self, target=own[:count])
        return replace(last, tokens=own[count:]), replace(self, tokens=own[:count])

    def with_pads(self, pads: Mapping[Side, int], id_: int) -> Prompt:
        """The same with the padding tokens behind it, where nothing hides them."""
        token = Token(text="[padding]", piece="", id=id_, special=True)
        return replace(
            self,
            tokens=(*self.tokens, *[token] * pads.get(Side.SOURCE, 0)),
            target=(*self.target, *[token] * pads.get(Side.TARGET, 0)),
        )


class Prompts:
    """Reads requests for one open model."""

    def __init__(self, model: ModelRef, anatomy: Anatomy, tokenizer: Tokenizer | None, feeder: Feeder, beside: Beside):
        self._model = model
        self._anatomy = anatomy
        self._tokenizer = tokenizer
        self._feeder = feeder
        self._beside = beside

    def read(self, request: TraceRequest) -> Prompt:
        """What a request feeds. Raises InputError."""
        if request.feeds is not None:
            return self._given(request.feeds, request.text or "")
        tokens = self._name(request.ids) if request.ids is not None else self._tokenize(request)
        tokens, window, notes = self._cut(tokens, Side.SOURCE, request)
        prompt = Prompt(request.text or "", tokens, (), (), notes, window)
        if self._feeder.ids(Side.TARGET) is not None:
            prompt = self._with_target(prompt, request)
        elif request.second_ids is not None:
            prompt = self._with_second_ids(prompt, request.second_ids)
        for row in (prompt.tokens, prompt.target):
            self._check(row)
        return self._with_past(prompt, request.cached)

    # Texts -------------------------------------------------------------------------------------------------------

    def _tokenize(self, request: TraceRequest) -> tuple[Token, ...]:
        """The tokens of a text, or of a pair of texts for a model without a decoder."""
        pair = request.second if self._feeder.ids(Side.TARGET) is None and (request.second or "").strip() else None
        return self._encode(request.text or "", pair)

    def _encode(self, text: str, second: str | None = None) -> tuple[Token, ...]:
        if self._tokenizer is None:
            raise InputError(
                "This model has no tokenizer, so it takes token ids.", where=str(self._model.path),
                advice="Give ids, or open it again with its tokenizer.json.",
            )  # fmt: skip
        if not text.strip():
            raise InputError("There is no text to run.", advice="Type a sentence.")
        tokens = self._tokenizer.encode(text, second)
        if not tokens:
            raise InputError(
                "The model's tokenizer finds nothing in this text that it knows.", where=text[:60],
                advice="Type words of the language the model was trained on.",
            )  # fmt: skip
        return tokens

    def _name(self, ids: Sequence[int]) -> tuple[Token, ...]:
        if not ids:
            raise InputError("There are no token ids to run.", advice="Give at least one, for example 1,2,3.")
        if self._tokenizer is not None:
            return self._tokenizer.tokens(ids)
        return tuple(Token(text=f"#{id_}", piece=f"#{id_}", id=id_) for id_ in ids)

    def _with_target(self, prompt: Prompt, request: TraceRequest) -> Prompt:
        """With what the decoder has written so far: its start token, and behind it the second text."""
        if request.second_ids is not None:
            target, note = self._name(request.second_ids), ""
        else:
            id_ = self._beside.start_id
            start = self._name([id_ or 0])
            note = "" if id_ is not None else "No file beside the model says what its decoder starts from: 0 was taken."
            written = self._encode(request.second) if request.second and request.second.strip() else ()
            target = (*start, *(replace(token, segment=1) for token in written if not token.special))
            if not written:
                note = f"The decoder was given its start token, ‘{start[0].text}’, alone. {note}".rstrip()
        target, _, notes = self._cut(target, Side.TARGET, replace(request, start=0))
        return replace(prompt, target=target, notes=(*prompt.notes, *([note] if note else []), *notes))

    def _with_second_ids(self, prompt: Prompt, ids: Sequence[int]) -> Prompt:
        if not self._feeder.has_segments:
            raise InputError(
                "This model takes one sequence of token ids.", where=str(self._model.path),
                advice="Give all of them as one.",
            )  # fmt: skip
        return replace(prompt, tokens=(*prompt.tokens, *(replace(each, segment=1) for each in self._name(ids))))

    # Lengths -----------------------------------------------------------------------------------------------------

    def _cut(
        self, tokens: tuple[Token, ...], side: Side, request: TraceRequest
    ) -> tuple[tuple[Token, ...], Window | None, tuple[str, ...]]:
        limit, why = self.limit(side, request.budget_bytes)
        whole = len(tokens)
        tokens, window = cut(tokens, limit or whole, request.start)
        notes = (f"{len(tokens)} of {whole} tokens were run, from token {window.start}: {why}",) if window else ()
        return tokens, window, notes

    def limit(self, side: Side, budget_bytes: int) -> tuple[int | None, str]:
        """The most tokens that can be run, and why no more."""
        steps = self._feeder.step if side is self._feeder.own else None
        limits = [
            (self._feeder.length(side) if steps is None else None, "the model was exported for no more."),
            (self._anatomy.max_positions, "the model has no more positions."),
            (budget.longest(self._anatomy, budget_bytes),
             "attention to more would not fit into the memory a trace may take."),
        ]  # fmt: skip
        known = [(limit, why) for limit, why in limits if limit is not None]
        return min(known, key=lambda each: each[0], default=(None, ""))

    def _with_past(self, prompt: Prompt, cached: int) -> Prompt:
        """With the leading tokens put into the past: as many as asked for, or as the model needs there."""
        own = prompt.target if self._feeder.own is Side.TARGET else prompt.tokens
        if cached and not 0 < cached < len(own):
            raise InputError(
                f"{cached} tokens were to be put into the cache, and there are {len(own)}.",
                advice="Put fewer there, so that at least one is left to trace." if len(own) > 1 else
                "Give more than one.",
            )  # fmt: skip
        step, notes = self._feeder.step, prompt.notes
        if step is not None and len(own) - cached > step:
            cached = len(own) - step
            one = "one token" if step == 1 else f"{step} tokens"
            notes = (*notes, f"This model reads {one} at a time: {cached} were read into its cache first, "
                             "and the trace is of the rest.")  # fmt: skip
        if not cached:
            return prompt
        if self._feeder.own is Side.TARGET:
            return replace(prompt, target=own[cached:], past=own[:cached], notes=notes)
        return replace(prompt, tokens=own[cached:], past=own[:cached], notes=notes)

    def _check(self, tokens: Sequence[Token]) -> None:
        if self._anatomy.embeddings:
            rows = self._anatomy.embeddings[0].rows
            outside = [token.id for token in tokens if not 0 <= token.id < rows]
            if outside:
                raise InputError(
                    f"There is no token {outside[0]}: the model has {rows}, numbered from 0.",
                    where=str(self._model.path),
                    advice="The tokenizer may belong to another model; open the model again with its own."
                    if self._tokenizer is not None else f"Give numbers from 0 to {rows - 1}.",
                )  # fmt: skip

    # Feeds of the person's own -------------------------------------------------------------------------------------

    def _given(self, given: Mapping[str, np.ndarray], text: str) -> Prompt:
        feeds = own_feeds.complete(self._feeder, given)
        if self._anatomy.recurrent:
            own_feeds.refuse_empty(self._feeder, feeds)
        made = [name for name in feeds if name not in given]
        notes = (f"Not given, so made up as for a plain sentence: {', '.join(made)}.",) if made else ()
        sequences = own_feeds.sequences_in(self._feeder, feeds)
        source = self._named_or_numbered(sequences.source, "source", own_feeds.source_length(self._feeder, feeds))
        target = self._name(sequences.target) if sequences.target else ()
        past = self._named_or_numbered((), "past", sequences.past)
        if self._anatomy.recurrent:
            notes = (*notes, *own_feeds.say_shorter(self._feeder, feeds, len(source)))
        return Prompt(text, source, target, past, notes, None, Fed(feeds))

    def _named_or_numbered(self, ids: Sequence[int], word: str, count: int) -> tuple[Token, ...]:
        """Tokens of ids, or of places where only their number is known: "past 1", "past 2", …"""
        if ids:
            return self._name(ids)
        return tuple(Token(text=f"{word} {place}", piece="", id=-1) for place in range(1, count + 1))


def _ids(tokens: Sequence[Token]) -> tuple[int, ...]:
    return tuple(token.id for token in tokens)
