"""How an open model's scores and last vectors hang on the vectors of its tokens, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embstudio.anatomy.anatomy import Anatomy, PointSource, RecurrentLayer
from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.session.budget import fixed_sizes
from embstudio.session.canonical import Canonical
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.differentiate.log_norms import log_norms
from embstudio.session.messages import Gradients
from embstudio.session.recurrent_weights import operator_of
from embstudio.session.stop import Stop
from embstudio.trace.points import parse

EMBED, LOGITS = ("embed", "encoder.embed"), ("logits",)
_OF_TOKEN = "token:"  # before the name of states that are one token's alone


@dataclass(frozen=True)
class Saliency:
    """output: the class or word whose score y it is of. by_token: [pos, d_model], ∂y / ∂x_t. times_input: [pos], the
    same times x_t, summed. note: what has to be said of it, or ""."""

    output: int
    score: float
    by_token: np.ndarray
    times_input: np.ndarray
    note: str = ""


@dataclass(frozen=True)
class Reached:
    """of: the point or layer whose vector v it is. norms: [pos], log10 ‖∂v_T / ∂x_t‖, −∞ for none."""

    of: str
    norms: np.ndarray


class InputGradients:
    """Of one open model. The methods raise UnsupportedModelError where there are no gradients, saying why; StudioError
    if the model does not run; Cancelled.
    """

    def __init__(self, anatomy: Anatomy, differentiator: Differentiator) -> None:
        self._anatomy, self._differentiator = anatomy, differentiator
        self._sources = {source.name: source for source in anatomy.points if source.tensor}

    def added(
        self, found: Gradients, feeds: Mapping[str, np.ndarray], tokens: int, output: int | None, stop: Stop
    ) -> Gradients:
        """Gradients with those by the tokens' vectors added, of a text of so many tokens; what cannot be had is said in
        `notes`. Raises InputError for an output that there is not, or Cancelled."""
        notes = list(found.notes)
        try:
            saliency = self.saliency(feeds, found.token, output, stop)
            found = replace(
                found, output=saliency.output, score=saliency.score, saliency=saliency.by_token,
                times_input=saliency.times_input,
            )  # fmt: skip
            notes.append(saliency.note)
        except UnsupportedModelError as error:
            notes.append(f"Saliency: {error}")
        try:
            reached = self.reached(feeds, found.token, tokens, stop)
            found = replace(found, of=reached.of, reached=reached.norms)
        except UnsupportedModelError as error:
            notes.append(f"How far back the last vector reaches: {error}")
        return replace(found, notes=tuple(filter(None, notes)))

    def saliency(self, feeds: Mapping[str, np.ndarray], token: int, output: int | None, stop: Stop) -> Saliency:
        """Of the score of an output after a token; of the highest where `output` is None."""
        embed, logits = self._needed(EMBED, "token vectors"), self._needed(LOGITS, "scores")
        at = self._differentiator.linearise(feeds, [logits.tensor], [embed.tensor], stop)
        entries = self._entries(logits, at.shape(logits.tensor))
        note = ""
        if "pos" in logits.axes and embed.name.startswith("encoder."):
            note = "The score is that after the last token of the decoder."
            entries = entries[-1]
        elif "pos" in logits.axes:
            if not token < len(entries) or len(entries) == 1:
                note = "The model gives scores after the last token only: the saliency is of those."
            entries = entries[token if token < len(entries) else -1]
        scores = at.value(logits.tensor).astype(np.float64).ravel()[entries]
        chosen = int(np.argmax(scores)) if output is None else output
        if not 0 <= chosen < len(scores):
            raise InputError(
                f"There is no output {chosen}: the model has {len(scores)}, numbered from 0.", where=LOGITS[0],
                advice="Choose one of them.",
            )  # fmt: skip
        found = at.of_entries(logits.tensor, entries[chosen : chosen + 1], stop)[embed.tensor][0]
        vectors = self._entries(embed, found.shape)
        by_token = found.ravel()[vectors]
        x = at.value(embed.tensor).astype(np.float64).ravel()[vectors]
        return Saliency(chosen, float(scores[chosen]), by_token, (by_token * x).sum(axis=-1), note)

    def reached(self, feeds: Mapping[str, np.ndarray], token: int, tokens: int, stop: Stop) -> Reached:
        """How far the last vectors of a token hang on those that each token began with.

        token: T, of so many `tokens`.
        """
        embed, last = self._needed(EMBED, "token vectors"), self._last(token)
        at = self._differentiator.linearise(feeds, [last.tensor], [embed.tensor], stop)
        entries = self._entries(last, at.shape(last.tensor))
        if last.name.startswith(_OF_TOKEN):
            pass
        elif "pos" in last.axes:
            entries = entries[token * len(entries) // tokens if len(entries) < tokens else token]
        elif token != tokens - 1:
            raise UnsupportedModelError(
                "Nothing after the layer reads its state at this token, only that after the last one.", where=last.name,
                advice="Look back from the last token.",
            )  # fmt: skip
        numbers = self._entries(embed, at.shape(embed.tensor))
        return Reached(
            last.name.removeprefix(_OF_TOKEN), log_norms(at, last.tensor, entries, embed.tensor, numbers, stop)
        )

    def _needed(self, names: Sequence[str], what: str) -> PointSource:
        """The first of some points that there is."""
        found = next((self._sources[name] for name in names if name in self._sources), None)
        if found is None:
            raise UnsupportedModelError(
                f"No {what} were found in this model, so there is nothing to take the gradient of.", where=names[0],
                advice="The gradients of its recurrent states, if it has any, do not need them.",
            )  # fmt: skip
        return found

    def _last(self, token: int) -> PointSource:
        """Where the vectors of the last layer are: of the residual stream, or of a recurrent layer."""
        streams = [name for name in self._sources if name.endswith(".resid_post") and not name.startswith("decoder.")]
        if streams:
            return self._sources[max(streams, key=lambda name: parse(name).layer or 0)]
        if self._anatomy.recurrent:
            return self._states(max(self._anatomy.recurrent, key=lambda layer: layer.layer), token)
        raise UnsupportedModelError(
            "Neither a residual stream nor a recurrent layer was found in this model.", where="resid_post",
            advice="The Anatomy panel says what was found.",
        )  # fmt: skip

    def _states(self, layer: RecurrentLayer, token: int) -> PointSource:
        """The states of all directions of a layer, side by side; of one token, where its steps are written out."""
        name = f"{layer.kind}.{layer.layer}.h"
        states = next((gate.tensors for gate in layer.cell.gates if gate.name == "h"), ()) if layer.cell else ()
        if layer.cell is not None and not layer.cell.operator and token < len(states):
            return PointSource(
                f"{_OF_TOKEN}{layer.kind}.{layer.layer}.{layer.directions[0]}.h", ("unit",), states[token],
                ("batch", "unit"),
            )  # fmt: skip
        for direction in layer.directions:  # written out in other operators
            if f"{layer.kind}.{layer.layer}.{direction}.h" in self._sources:
                return self._sources[f"{layer.kind}.{layer.layer}.{direction}.h"]
        node = operator_of(self._differentiator.graph, layer)  # which names all that the layer can return
        if node.Y:
            sequence = (
                ("batch", "pos", "unit:0", "unit:1") if node.batch_first else ("pos", "unit:0", "batch", "unit:1")
            )
            return PointSource(name, ("pos", "unit"), node.Y, sequence)
        state = ("batch", "unit:0", "unit:1") if node.batch_first else ("unit:0", "batch", "unit:1")
        return PointSource(name, ("unit",), node.Y_h, state)

    def _entries(self, source: PointSource, shape: tuple[int, ...]) -> np.ndarray:
        """Where in a point's tensor, counted through, its values are: of the point's own shape."""
        plain = replace(source, factor=1.0, offset=0.0)
        sizes = fixed_sizes(self._anatomy, source.name) if source.name in self._sources else {}
        return Canonical(plain, sizes)(np.arange(int(np.prod(shape))).reshape(shape)).values
