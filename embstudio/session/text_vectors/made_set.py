"""What a job has made of some texts: a set of vectors, and what was done, in words."""

from __future__ import annotations

from collections.abc import Iterator

from embstudio.base.errors import VectorFileError
from embstudio.session.text_vectors.job import TextVectors
from embstudio.space.texts import Texts
from embstudio.space.vector_set import VectorSet


def set_of(texts: Texts, made: TextVectors, title: str) -> VectorSet:
    """The vectors with their texts, without those of which the tokenizer knows nothing. Raises VectorFileError."""
    if not made.found.any():
        raise VectorFileError(
            "The model's tokenizer finds nothing in any of the texts that it knows.", where=texts.source,
            advice="Give texts in the language the model was trained on.",
        )  # fmt: skip
    kept = made.found.nonzero()[0].tolist()
    metadata = {name: tuple(values[row] for row in kept) for name, values in texts.metadata.items()}
    words = tuple(texts.texts[row] for row in kept)
    return VectorSet(words, made.vectors[made.found], metadata, f"{title}, {texts.source}")


def said(texts: Texts, made: TextVectors) -> Iterator[str]:
    """What was done, in sentences."""
    plan = made.plan
    yield f"one vector of a text: {', then '.join(plan.steps)}"
    yield f"run {plan.way}"
    if made.resumed:
        yield f"{_count(made.resumed)} were there from before"
    if made.cut.any():
        yield f"{_count(int(made.cut.sum()))} cut: more than {plan.limit} tokens"
    if texts.blank:
        yield f"{_count(texts.blank)} left out: nothing but blanks"
    if not made.found.all():
        yield f"{_count(int((~made.found).sum()))} left out: nothing in them that the tokenizer knows"


def _count(count: int) -> str:
    return "1 text" if count == 1 else f"{count:,} texts"
