"""One vector for a whole text from the vectors of its tokens: the point `pooled` of models that end in those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.base.errors import InputError, ModelFileError
from embstudio.formulas.pooling import MODES, dense, layer_norm, normalise, pool
from embstudio.modelfile.sentence_modules import (
    DenseStep,
    LayerNormStep,
    NormaliseStep,
    PoolStep,
    SentenceModules,
    Step,
    find_sentence_modules,
)
from embstudio.session.feeding.feeder import Fed
from embstudio.session.feeding.slots import Role, Side, Slot
from embstudio.session.messages import Pooling
from embstudio.trace.axes import NamedArray
from embstudio.trace.trace import Provenance

POINT = "pooled"
_MEANING = {
    "cls": "the first token's vector",
    "lasttoken": "the last token's vector",
    "max": "the largest of the tokens' values in each dimension",
    "mean": "mean of the tokens' vectors",
    "mean_sqrt_len_tokens": "sum of the tokens' vectors over the root of their number",
    "weightedmean": "mean of the tokens' vectors, each weighted by its place",
}
_SHORT = {"last": "lasttoken", "mean_sqrt_len": "mean_sqrt_len_tokens"}


class Pooler:
    """Pools one model's token vectors as the files beside it say, or as a person chooses.

    tensor:  the output that holds a vector for each token; "" for a model that does not end in them.
    own:     an output that is such a vector already, which counts where neither files nor a person say otherwise.
    pooling: as the files say; None where there are none. steps: how the vector is made, in words, in order.
    notes:   why the files that are there are not followed, and what is left to the person.
    """

    def __init__(self, anatomy: Anatomy, modules: SentenceModules | None, notes: tuple[str, ...] = ()) -> None:
        head = anatomy.head
        self.tensor = head.output if head is not None and head.kind == "vectors per token" else ""
        self._modules = modules if self.tensor else None
        self.notes = notes
        if self._modules is not None and self._modules.prompt:
            self.notes += (
                f"The model's maker puts “{self._modules.prompt}” before each text; type it where you want it.",
            )
        self._steps = self._modules.steps if self._modules else ()
        self.pooling = _summary(self._steps) if self._steps else None
        self.own = "" if self._steps else _own_output(anatomy)
        self.steps = tuple(map(_words, self._steps)) or ((f"the model's own output {self.own}",) if self.own else ())

    @classmethod
    def beside(cls, model_path: Path, anatomy: Anatomy) -> Pooler:
        """With the modules that lie beside a model; damaged or unknown ones become a note."""
        try:
            return cls(anatomy, find_sentence_modules(model_path))
        except ModelFileError as error:
            return cls(anatomy, None, (f"There are no sentence vectors as the files beside the model ask: {error}",))

    @property
    def max_tokens(self) -> int | None:
        """Where the model's maker cuts texts off; None: nowhere."""
        return self._modules.max_tokens if self._modules is not None else None

    @property
    def made_by(self) -> tuple[Step, ...]:
        """The steps that the files beside the model ask for, in order."""
        return self._steps

    def words_of(self, chosen: Pooling) -> tuple[str, ...]:
        """How the vector is made if a person chooses so, in words, in order. Raises InputError as `source` does."""
        return tuple(map(_words, self._chosen(chosen)))

    def source(self, chosen: Pooling | None) -> str:
        """The output that the vector is made of; "" where there is none. Raises InputError for a choice that cannot be
        met."""
        if chosen is not None and not self.tensor:
            raise InputError(
                "This model does not end in a vector for each token, so there is nothing to pool.", where=chosen.mode,
                advice="Leave out how to pool.",
            )  # fmt: skip
        return self.tensor if chosen is not None or self.pooling is not None else self.own

    def listed(self, anatomy: Anatomy) -> Anatomy:
        """The anatomy with the point, if the model or the files beside it make it."""
        if not self.source(None) or POINT in anatomy.point_names:
            return anatomy
        return replace(
            anatomy, points=(*anatomy.points, PointSource(POINT, ("d_model",), self.own, ("batch", "d_model")))
        )

    def of_run(
        self, values: np.ndarray, fed: Fed, slots: Iterable[Slot], tokens: int, chosen: Pooling | None
    ) -> tuple[NamedArray, Provenance]:
        """The point's value from the values of `source` in a run of so many tokens: [1, pos, d_model], or
        [pos, 1, d_model], or [1, d_model] of the model's own.

        Masks that were fed are honoured. Raises InputError as `pooled` does, and for another shape.
        """
        if values.ndim == 2 and len(values) == 1:
            return NamedArray(values[0], ("d_model",)), Provenance.OBSERVED
        if values.ndim != 3 or 1 not in values.shape[:2]:
            raise InputError(
                "The vectors of the tokens are not of one text.", where=f"{self.tensor}: {list(values.shape)}"
            )
        vectors = values.reshape(-1, values.shape[-1])
        places = len(vectors)
        mask = np.arange(places) < min(tokens, places - fed.pads.get(Side.SOURCE, 0))
        for slot in slots:
            given = fed.feeds.get(slot.name) if slot.role is Role.MASK else None
            if given is not None and given.shape == (1, places):
                mask = mask & (given[0] != slot.hidden)
        return self.pooled(vectors, mask, chosen), Provenance.RECOMPUTED

    def pooled(self, vectors: np.ndarray, mask: np.ndarray | None, chosen: Pooling | None) -> NamedArray:
        """The point's value [d_model] float32 from vectors [pos, d_model] of the tokens where mask [pos] is not 0.

        Raises InputError for a way of pooling that there is not, or that does not fit what follows it.
        """
        x = np.zeros(0)
        for step in self._chosen(chosen):
            try:
                x = _apply(step, x, vectors, mask)
            except ValueError as error:
                raise InputError(
                    "The vectors cannot be pooled like that.", where=chosen.mode if chosen else "", detail=str(error),
                    advice="Pool them as the files beside the model say.",
                ) from error  # fmt: skip
        return NamedArray(x.astype(np.float32), ("d_model",))

    def remarks(self, tokens: int, chosen: Pooling | None) -> Iterator[str]:
        """What a person must know of the pooled vector of a text of so many tokens."""
        limit = self.max_tokens
        if chosen is None and limit is not None and tokens > limit:
            yield f"The model's maker cuts texts off after {limit} tokens; the pooled vector is of all {tokens}."

    def _chosen(self, chosen: Pooling | None) -> tuple[Step, ...]:
        """The steps to take. A choice replaces the pooling and the length at the end, not what was trained between."""
        if chosen is None:
            return self._steps
        modes = tuple(_SHORT.get(mode, mode) for mode in chosen.mode.split("+"))
        if not all(mode in MODES for mode in modes):
            raise InputError(
                "There is no such pooling.", where=chosen.mode, advice=f"Use one of {', '.join(MODES)}.",
            )  # fmt: skip
        trained = tuple(step for step in self._steps if isinstance(step, DenseStep | LayerNormStep))
        end = (NormaliseStep(),) if chosen.normalise else ()
        return (PoolStep(modes), *trained, *end)


def _own_output(anatomy: Anatomy) -> str:
    """The only other output of numbers that is one vector of the tokens' width: sentence_embedding, pooler_output."""
    head = anatomy.head
    if head is None or head.kind != "vectors per token":
        return ""
    single = [
        info.name for info in anatomy.outputs
        if info.name != head.output and info.dtype.startswith("float") and len(info.shape) == 2
        and info.shape[1] == head.width
    ]  # fmt: skip
    return single[0] if len(single) == 1 else ""


def _apply(step: Step, x: np.ndarray, vectors: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    match step:
        case PoolStep():
            return pool(vectors, step.modes, mask)
        case NormaliseStep():
            return normalise(x)
        case LayerNormStep():
            return layer_norm(x, step.weight, step.bias)
        case DenseStep():
            out = dense(x, step.weight, step.bias, step.activation)
            if not step.add_input:
                return out
            return np.asarray(out + (x if step.residual is None else step.residual @ x))


def _summary(steps: tuple[Step, ...]) -> Pooling:
    modes = "+".join(mode for step in steps if isinstance(step, PoolStep) for mode in step.modes)
    return Pooling(modes, isinstance(steps[-1], NormaliseStep))


def _words(step: Step) -> str:
    match step:
        case PoolStep():
            return ", then ".join(_MEANING[mode] for mode in step.modes)
        case NormaliseStep():
            return "made length 1"
        case LayerNormStep():
            return "layer norm"
        case DenseStep():
            out, into = step.weight.shape
            return f"dense layer {into} → {out}, {step.activation}"
