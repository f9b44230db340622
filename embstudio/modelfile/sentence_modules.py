"""The modules of a sentence-transformers folder: what is done with the vectors of a text's tokens to get one vector.

modules.json lists them in order, each with a folder of its own; the first is the transformer, which is the ONNX file.
Both dialects of 1_Pooling/config.json are read. Weights come from model.safetensors only: a pytorch_model.bin is a
Python pickle, which could run anything, and is not opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embstudio.base.errors import ModelFileError
from embstudio.formulas.pooling import ACTIVATIONS, MODES
from embstudio.modelfile.safetensors_file import read_safetensors

MODULES = "modules.json"
# The older dialect has a yes or no for each way; several are put one after the other in this order.
_OLDER = {"pooling_mode_cls_token": "cls", "pooling_mode_max_tokens": "max", "pooling_mode_mean_tokens": "mean",
          "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
          "pooling_mode_weightedmean_tokens": "weightedmean", "pooling_mode_lasttoken": "lasttoken"}  # fmt: skip
_NO_EFFECT = frozenset({"Transformer", "Dropout"})  # the first of a text, and a module for training only


@dataclass(frozen=True)
class PoolStep:
    """modes: of `formulas.pooling`, put one after the other."""

    modes: tuple[str, ...]


@dataclass(frozen=True)
class DenseStep:
    """f(W x + b), and x itself or R x added to it. weight [out, in], bias [out], residual [out, in]."""

    weight: np.ndarray
    bias: np.ndarray | None
    activation: str
    add_input: bool = False
    residual: np.ndarray | None = None


@dataclass(frozen=True)
class LayerNormStep:
    """weight, bias [d_model]."""

    weight: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class NormaliseStep:
    """Length 1."""


Step = PoolStep | DenseStep | LayerNormStep | NormaliseStep


@dataclass(frozen=True)
class SentenceModules:
    """path: the modules.json. steps: what follows the transformer, pooling first.

    prompt: what is put before each text; "" for most. max_tokens: where its maker cuts texts off; None: nowhere.
    """

    path: Path
    steps: tuple[Step, ...]
    prompt: str = ""
    max_tokens: int | None = None


def find_sentence_modules(model_path: Path) -> SentenceModules | None:
    """The modules beside a model, or one folder up (the layout onnx/model.onnx); None if there are none.

    Raises ModelFileError for files that are damaged, and for modules that are not known here, naming them.
    """
    for folder in (model_path.parent, model_path.parent.parent):
        if (folder / MODULES).is_file():
            return _read(folder)
    return None


def _read(folder: Path) -> SentenceModules | None:
    path = folder / MODULES
    listed = _json(path)
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise _damaged(path, "It is not a list of modules.")
    steps: list[Step] = []
    for entry in listed:
        kind, place = str(entry.get("type", "")).rpartition(".")[2], folder / str(entry.get("path", ""))
        if folder.resolve() not in (place.resolve(), *place.resolve().parents):
            raise _damaged(path, f"A module lies outside the folder: {place}")
        if kind not in _NO_EFFECT:
            steps.append(_step(kind, place))
    if not steps:
        return None
    if not isinstance(steps[0], PoolStep) or any(isinstance(step, PoolStep) for step in steps[1:]):
        raise _unknown(path, "an order of modules in which the tokens are not pooled first")
    transformer = _json(folder / "sentence_bert_config.json", missing={})
    models = _json(folder / "config_sentence_transformers.json", missing={})
    return SentenceModules(path, tuple(steps), _prompt(models), _whole(transformer, "max_seq_length"))


def _step(kind: str, folder: Path) -> Step:
    config = _json(folder / "config.json", missing={})
    if not isinstance(config, dict):
        raise _damaged(folder / "config.json", "It holds no table of entries.")
    match kind:
        case "Pooling":
            return PoolStep(_modes(config, folder))
        case "Normalize":
            return NormaliseStep()
        case "Dense":
            return _dense(config, folder)
        case "LayerNorm":
            weights = _weights(folder)
            return LayerNormStep(weights["norm.weight"], weights["norm.bias"])
        case _:
            raise _unknown(folder, f"the module {kind}")


def _modes(config: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    given = config.get("pooling_mode")
    if given is None:
        given = [mode for name, mode in _OLDER.items() if config.get(name) is True] or ["mean"]
    modes = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list) else ()
    if not modes or not all(mode in MODES for mode in modes):
        raise _unknown(folder, f"the pooling {given}")
    return modes


def _dense(config: Mapping[str, Any], folder: Path) -> DenseStep:
    named = config.get("activation_function", "torch.nn.modules.activation.Tanh")
    activation = str(named).rpartition(".")[2]
    if activation not in ACTIVATIONS:
        raise _unknown(folder, f"the activation {named}")
    weights = _weights(folder)
    weight, bias = weights["linear.weight"], weights.get("linear.bias")
    return DenseStep(weight, bias, activation, config.get("use_residual") is True, weights.get("residual.weight"))


def _weights(folder: Path) -> Mapping[str, np.ndarray]:
    path = folder / "model.safetensors"
    if not path.is_file() and (folder / "pytorch_model.bin").is_file():
        raise ModelFileError(
            "The weights of a module after the model are kept as a Python pickle, which is not opened: it could run "
            "anything.", where=str(folder / "pytorch_model.bin"),
            advice="Load the model in sentence-transformers and save it again: it then writes model.safetensors.",
        )  # fmt: skip
    weights = read_safetensors(path)
    missing = {"linear.weight", "norm.weight"}.isdisjoint(weights)
    if missing or ("norm.weight" in weights and "norm.bias" not in weights):
        raise _damaged(path, f"It holds only {', '.join(weights)}.")
    return weights


def _prompt(config: Any) -> str:
    prompts = config.get("prompts") if isinstance(config, dict) else None
    name = config.get("default_prompt_name") if isinstance(config, dict) else None
    prompt = prompts.get(name) if isinstance(prompts, dict) and isinstance(name, str) else None
    return prompt if isinstance(prompt, str) else ""


def _whole(config: Any, name: str) -> int | None:
    value = config.get(name) if isinstance(config, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _json(path: Path, missing: Any = None) -> Any:
    try:
        if missing is not None and not path.is_file():
            return missing
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, detail: str) -> ModelFileError:
    return ModelFileError(
        "A file that says how sentence vectors are made could not be read.", where=str(path), detail=detail,
        advice="Copy or download it again. The vectors of the tokens can still be shown.",
    )  # fmt: skip


def _unknown(where: Path, what: str) -> ModelFileError:
    return ModelFileError(
        f"The files beside the model ask for {what}, which embstudio does not know.", where=str(where),
        advice="The vectors of the tokens can still be shown, and pooled in a way of your choice.",
    )  # fmt: skip
