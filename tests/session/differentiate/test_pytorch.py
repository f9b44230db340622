"""Whole models against PyTorch's autograd: the exports and values of tests/data/exact-gradients."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from embstudio.anatomy.recurrent_node import recurrent_node
from embstudio.base.errors import InputError
from embstudio.modelfile.model_file import ModelFile
from embstudio.session.budget import fixed_sizes
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.differentiate.token_gradients import TokenGradients
from embstudio.session.differentiate.token_vectors import TokenVectors
from embstudio.session.opening import Opening, open_model
from embstudio.session.stop import Cancelled, Stop

TRANSFORMERS = {"bert": "blocks.1.resid_post", "gpt2": "blocks.1.resid_post", "llama": "blocks.1.resid_post",
                "t5": "decoder.blocks.0.resid_post"}  # fmt: skip
RECURRENT = ("lstm", "gru", "rnn")
NAMES = (*TRANSFORMERS, *RECURRENT)


@lru_cache(maxsize=8)
def opened(path: Path) -> Opening:
    return open_model(ModelFile(path), "")


def vectors(opening: Opening, point: str) -> TokenVectors:
    return TokenVectors.of_point(opening.anatomy.point(point), fixed_sizes(opening.anatomy, point))


def token_gradients(opening: Opening) -> tuple[TokenGradients, Differentiator]:
    embeds = [vectors(opening, name) for name in opening.anatomy.point_names if name.rpartition(".")[2] == "embed"]
    differentiator = Differentiator(opening.model, opening.graph, opening.engine.open)
    return TokenGradients(differentiator, embeds), differentiator


def reference(data: Path, name: str) -> tuple[Opening, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The model, its feeds, and what PyTorch says."""
    folder = data / "exact-gradients"
    with np.load(folder / f"{name}.npz") as stored:
        values = {key: stored[key] for key in stored.files}
    feeds = {key: value for key, value in values.items() if key.endswith("input_ids")}
    return opened(folder / f"{name}.onnx"), feeds, values


def last_vectors(opening: Opening, differentiator: Differentiator, name: str) -> TokenVectors:
    if name in TRANSFORMERS:
        return vectors(opening, TRANSFORMERS[name])
    node = recurrent_node(differentiator.graph.nodes[opening.anatomy.recurrent[-1].node])
    assert node is not None
    return TokenVectors.of_states("h", node)


def scores(opening: Opening) -> TokenVectors:
    return vectors(opening, "logits")


@pytest.mark.parametrize("name", NAMES)
def test_saliency_is_that_of_autograd(data: Path, name: str) -> None:
    opening, feeds, expected = reference(data, name)
    by, _ = token_gradients(opening)
    token = int(expected["token"])
    for embed, found in by.saliency(feeds, scores(opening), token).items():
        saliency = expected[embed.removesuffix("embed") + "saliency"]
        assert found.output == expected["output"]
        assert found.score == pytest.approx(float(expected["score"]), rel=1e-5)
        np.testing.assert_allclose(found.gradient, saliency, rtol=1e-5, atol=1e-5 * np.abs(saliency).max())
        (x,) = opening.engine.run(feeds, [opening.anatomy.point(embed).tensor], Stop())
        np.testing.assert_allclose(found.times_input, (saliency * x[0]).sum(axis=1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_how_far_a_vector_reaches_is_what_autograd_says(data: Path, name: str) -> None:
    opening, feeds, expected = reference(data, name)
    by, differentiator = token_gradients(opening)
    told: list[float] = []
    of = last_vectors(opening, differentiator, name)
    for embed, found in by.reached(feeds, of, int(expected["token"]), progress=told.append).items():
        norms = expected[embed.removesuffix("embed") + "norms"]
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(found, np.log10(norms), atol=1e-5)
    assert told[-1] == 1


def test_rows_worked_out_apart_are_those_worked_out_together(data: Path) -> None:
    opening, feeds, _ = reference(data, "gpt2")
    _, differentiator = token_gradients(opening)
    embed, target = vectors(opening, "embed").tensor, vectors(opening, "blocks.1.resid_post").tensor
    at = differentiator.linearise(feeds, [target], [embed], Stop())
    some = np.arange(30)
    together = at.of_entries(target, some, Stop())[embed]
    told: list[float] = []
    apart = at.of_entries(target, some, Stop(), at_once=7 * 8 * 4000, progress=told.append)[embed]
    assert len(told) > 2
    np.testing.assert_allclose(apart, together, rtol=1e-12)


def test_another_output_and_outputs_there_are_not(data: Path) -> None:
    opening, feeds, _ = reference(data, "bert")
    by, _ = token_gradients(opening)
    every = [by.saliency(feeds, scores(opening), 0, output)["embed"] for output in range(3)]
    assert len({each.score for each in every}) == 3
    with pytest.raises(InputError, match="no output 3"):
        by.saliency(feeds, scores(opening), 0, 3)
    with pytest.raises(InputError, match="no token 6"):
        by.reached(feeds, vectors(opening, "blocks.1.resid_post"), 6)


def test_what_does_not_hang_on_the_tokens_is_not_reached_by_them(data: Path) -> None:
    opening, feeds, _ = reference(data, "bert")
    by, _ = token_gradients(opening)
    found = by.reached(feeds, vectors(opening, "pos_embed"), 2)
    assert (found["embed"] == -np.inf).all()


def test_it_can_be_stopped(data: Path) -> None:
    opening, feeds, _ = reference(data, "llama")
    by, _ = token_gradients(opening)
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        by.saliency(feeds, scores(opening), 1, stop=stop)
    differentiator = token_gradients(opening)[1]
    embed, target = vectors(opening, "embed").tensor, vectors(opening, "blocks.1.resid_post").tensor
    stop, told = Stop(), list[float]()
    at = differentiator.linearise(feeds, [target], [embed], stop)

    def after_the_first(share: float) -> None:
        told.append(share)
        stop.set()

    with pytest.raises(Cancelled):
        at.of_entries(target, np.arange(12), stop, at_once=1, progress=after_the_first)
    assert told == [pytest.approx(1 / 12)]
