"""Whether a set is of the open model: sets made by it, changed ones, and sets that only have its width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from embstudio.modelfile.catalogue import find
from embstudio.session.messages import (
    EmbedRequest,
    ModelRef,
    OpenRequest,
    Pooling,
    Request,
    Table,
    TableRequest,
    Traced,
    TraceRequest,
)
from embstudio.session.runner import Runner
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio
from embstudio.studio.kinship import Kin

TEXTS = tuple(f"A {animal} runs {where}." for animal in ("dog", "cat", "horse") for where in ("home", "away", "out"))


@lru_cache(maxsize=2)
def runner(name: str) -> Runner:
    source = find(name)
    return Runner.open(ModelRef(source.path, source.tokenizer))


@pytest.fixture
def studio_of() -> Callable[..., Studio]:
    """studio_of(name, set) with that model open, looking at the set or at the model's own table."""

    def start(name: str, vectors: VectorSet | None = None) -> Studio:
        session = runner(name)

        def answer(request: Request, _lane: str) -> None:
            if isinstance(request, OpenRequest):
                studio.receive(session.opened)
            elif isinstance(request, TraceRequest):
                studio.receive(Traced(request.model, request.text, session.trace(request), request))
            elif isinstance(request, EmbedRequest):
                studio.receive(session.embed(request))
            elif isinstance(request, TableRequest):
                studio.receive(Table(request.model, session.table))

        studio = Studio(answer, lambda _lane: None)
        studio.sentence = "The dog was cute"
        studio.open(name)
        if vectors is not None:
            studio.vector_sets._add(Path("made.npz"), LoadOptions(), vectors)
        return studio

    return start


def made(name: str = "sentences") -> VectorSet:
    session = runner(name)
    return VectorSet(TEXTS, session.embed(EmbedRequest(session.opened.model, TEXTS)).vectors)


def test_a_set_made_by_the_model_is_known_without_a_word_about_it(studio_of: Callable[..., Studio]) -> None:
    studio = studio_of("sentences", made())
    heard = []
    studio.kinship.changed.connect(lambda: heard.append(True))
    assert studio.kinship.verdict.kin is Kin.WAITING
    studio.kinship.want()
    verdict = studio.kinship.verdict
    assert (verdict.kin, verdict.widths, verdict.unit) == (Kin.SAME, (100, 100), False)
    assert verdict.tried >= 3
    assert heard == [True]


def test_half_precision_is_the_same(studio_of: Callable[..., Studio]) -> None:
    vectors = made()
    studio = studio_of("sentences", replace(vectors, vectors=vectors.vectors.astype(np.float16)))
    studio.kinship.want()
    assert studio.kinship.verdict.kin is Kin.SAME


def test_vectors_brought_to_length_1_are_known_and_typed_ones_follow(studio_of: Callable[..., Studio]) -> None:
    vectors = made().vectors.astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    studio = studio_of("sentences", VectorSet(TEXTS, unit.astype(np.float32)))
    studio.kinship.want()
    verdict = studio.kinship.verdict
    assert (verdict.kin, verdict.unit) == (Kin.SAME, True)
    assert verdict.fitted(vectors[3]) == pytest.approx(unit[3], abs=1e-12)


def test_the_same_width_is_not_enough(studio_of: Callable[..., Studio]) -> None:
    other = np.random.default_rng(3).normal(size=(len(TEXTS), 100)).astype(np.float32)
    studio = studio_of("sentences", VectorSet(TEXTS, other))
    studio.kinship.want()
    assert studio.kinship.verdict.kin is Kin.OTHER


def test_one_strange_row_among_those_tried_is_enough(studio_of: Callable[..., Studio]) -> None:
    vectors = made().vectors.copy()
    vectors[len(TEXTS) // 2] *= 1.5
    studio = studio_of("sentences", VectorSet(TEXTS, vectors))
    studio.kinship.want()
    assert studio.kinship.verdict.kin is Kin.OTHER


def test_another_width_is_told(studio_of: Callable[..., Studio]) -> None:
    studio = studio_of("sentences", VectorSet(TEXTS, np.ones((len(TEXTS), 7), np.float32)))
    studio.kinship.want()
    assert (studio.kinship.verdict.kin, studio.kinship.verdict.widths) == (Kin.WIDTH, (7, 100))


def test_the_words_of_a_static_table_are_texts_of_it(studio_of: Callable[..., Studio]) -> None:
    studio = studio_of("words")
    studio.kinship.want()
    assert studio.kinship.verdict.kin is Kin.NO_MODEL
    studio.set_pooling(Pooling("mean"))
    studio.kinship.want()
    assert studio.kinship.verdict.kin is Kin.SAME


def test_the_words_of_a_sentence_model_are_not(studio_of: Callable[..., Studio]) -> None:
    studio = studio_of("sentences")
    studio.kinship.want()
    assert studio.kinship.verdict.kin is Kin.OTHER


def test_names_that_are_no_texts_cannot_be_confirmed(studio_of: Callable[..., Studio]) -> None:
    vectors = made()
    studio = studio_of("sentences", replace(vectors, words=tuple("·" * (at + 1) for at in range(len(TEXTS)))))
    studio.kinship.want()
    assert (studio.kinship.verdict.kin, studio.kinship.verdict.tried) == (Kin.OTHER, 0)


def test_another_set_is_looked_at_anew(studio_of: Callable[..., Studio]) -> None:
    studio = studio_of("sentences", made())
    studio.kinship.want()
    studio.vector_sets.choose(None)
    assert studio.kinship.verdict.kin is not Kin.SAME
