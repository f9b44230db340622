"""Whole models against PyTorch's autograd: the exports and values of tests/data/exact-gradients."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from embstudio.modelfile.model_file import ModelFile
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.differentiate.log_norms import log_norms
from embstudio.session.opening import Opening, open_model
from embstudio.session.stop import Cancelled, Stop

TRANSFORMERS = {"bert": "blocks.1.resid_post", "gpt2": "blocks.1.resid_post", "llama": "blocks.1.resid_post",
                "t5": "decoder.blocks.0.resid_post"}  # fmt: skip
RECURRENT = ("lstm", "gru", "rnn")
NAMES = (*TRANSFORMERS, *RECURRENT)


@lru_cache(maxsize=8)
def opened(path: Path) -> Opening:
    return open_model(ModelFile(path), "")


def differentiator(opening: Opening) -> Differentiator:
    return Differentiator(opening.model, opening.graph, opening.engine.open)


def numbered(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(int(np.prod(shape))).reshape(shape)


def reference(data: Path, name: str) -> tuple[Opening, dict[str, np.ndarray], dict[str, np.ndarray], dict[str, str]]:
    """The model, its feeds, what PyTorch says, and the tensor of the embeddings of each stack."""
    folder = data / "exact-gradients"
    with np.load(folder / f"{name}.npz") as stored:
        values = {key: stored[key] for key in stored.files}
    feeds = {key: value for key, value in values.items() if key.endswith("input_ids")}
    opening = opened(folder / f"{name}.onnx")
    stacks = {key.removesuffix("saliency"): key for key in values if key.endswith("saliency")}
    return opening, feeds, values, {stack: opening.anatomy.point(f"{stack}embed").tensor for stack in stacks}


def last_layer(opening: Opening, name: str) -> str:
    if name in TRANSFORMERS:
        return opening.anatomy.point(TRANSFORMERS[name]).tensor
    return opening.graph.nodes[opening.anatomy.recurrent[-1].node].outputs[0]


def vector(shape: tuple[int, ...], name: str, token: int) -> np.ndarray:
    """The entries of a token's vector among those of the last layer."""
    numbers = numbered(shape)
    return numbers[0, token] if name in TRANSFORMERS else numbers[token, :, 0].ravel()


@pytest.mark.parametrize("name", NAMES)
def test_saliency_is_that_of_autograd(data: Path, name: str) -> None:
    opening, feeds, expected, embeds = reference(data, name)
    at = differentiator(opening).linearise(feeds, ["logits"], list(embeds.values()), Stop())
    numbers = numbered(at.shape("logits"))[0]
    row = numbers if numbers.ndim == 1 else numbers[expected["token"]]
    scores = at.value("logits").ravel()[row]
    assert np.argmax(scores) == expected["output"]
    assert scores.max() == pytest.approx(float(expected["score"]), rel=1e-5)
    found = at.of_entries("logits", row[expected["output"], None], Stop())
    for stack, tensor in embeds.items():
        saliency = expected[f"{stack}saliency"]
        np.testing.assert_allclose(found[tensor][0, 0], saliency, rtol=1e-5, atol=1e-5 * np.abs(saliency).max())


@pytest.mark.parametrize("name", NAMES)
def test_how_far_a_vector_reaches_is_what_autograd_says(data: Path, name: str) -> None:
    opening, feeds, expected, embeds = reference(data, name)
    target, told = last_layer(opening, name), list[float]()
    at = differentiator(opening).linearise(feeds, [target], list(embeds.values()), Stop())
    entries = vector(at.shape(target), name, int(expected["token"]))
    for stack, tensor in embeds.items():
        found = log_norms(at, target, entries, tensor, numbered(at.shape(tensor))[0], Stop(), told.append)
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(found, np.log10(expected[f"{stack}norms"]), atol=1e-5)
    assert told[-1] == 1


def test_rows_worked_out_apart_are_those_worked_out_together(data: Path) -> None:
    opening, feeds, _, embeds = reference(data, "gpt2")
    target, embed = last_layer(opening, "gpt2"), embeds[""]
    at = differentiator(opening).linearise(feeds, [target], [embed], Stop())
    some = np.arange(30)
    together = at.of_entries(target, some, Stop())[embed]
    told: list[float] = []
    apart = at.of_entries(target, some, Stop(), at_once=7 * 8 * 4000, progress=told.append)[embed]
    assert len(told) > 2
    np.testing.assert_allclose(apart, together, rtol=1e-12)


def test_what_does_not_hang_on_the_tokens_has_no_gradient(data: Path) -> None:
    opening, feeds, _, embeds = reference(data, "bert")
    positions = opening.anatomy.point("pos_embed").tensor
    at = differentiator(opening).linearise(feeds, [positions], list(embeds.values()), Stop())
    found = at.of_entries(positions, np.arange(3), Stop())[embeds[""]]
    assert found.shape == (3, 1, 6, 12)
    assert not found.any()


def test_a_tensor_by_itself(data: Path) -> None:
    opening, feeds, _, embeds = reference(data, "bert")
    at = differentiator(opening).linearise(feeds, [embeds[""]], [embeds[""]], Stop())
    found = at.of_entries(embeds[""], np.array([5, 40]), Stop())[embeds[""]]
    np.testing.assert_array_equal(np.argwhere(found.reshape(2, -1)), [[0, 5], [1, 40]])


def test_it_can_be_stopped(data: Path) -> None:
    opening, feeds, _, embeds = reference(data, "llama")
    target, embed = last_layer(opening, "llama"), embeds[""]
    stop, told = Stop(), list[float]()
    at = differentiator(opening).linearise(feeds, [target], [embed], stop)

    def after_the_first(share: float) -> None:
        told.append(share)
        stop.set()

    with pytest.raises(Cancelled):
        at.of_entries(target, np.arange(12), stop, at_once=1, progress=after_the_first)
    assert told == [pytest.approx(1 / 12)]
    with pytest.raises(Cancelled):
        differentiator(opening).linearise(feeds, [target], [embed], stop)
