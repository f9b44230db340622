"""Whether the two halves of a merged decoder agree on a first step: both run, the one with caches on empty ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from embstudio.modelfile.external_data import read_external
from embstudio.session.ort_errors import ERRORS
from embstudio.session.rewrite.if_node import branch
from embstudio.session.rewrite.looked_up import looked_up_rows
from embstudio.session.rewrite.merged_halves import MergedDecoder
from embstudio.session.rewrite.stand_ins import light_copy

_TOKENS = 5
_LARGEST_BYTES = 2**32  # of weights, all of which a trial reads
_TOLERANCE = {np.dtype(np.float16): 2e-2}  # of the largest number that comes out
_USUAL_TOLERANCE = 1e-3


def same_with_empty_caches(model: ModelProto, decoder: MergedDecoder, folder: Path | None) -> float | None:
    """The largest difference between the two halves on a first step; None if it is large or cannot be tried.

    folder: where weights in other files lie.
    """
    if sum(map(_bytes, model.graph.initializer)) > _LARGEST_BYTES:
        return None
    try:
        return _trial(model, decoder, folder)
    except OSError:
        return None
    except ERRORS:
        return None


def _trial(model: ModelProto, decoder: MergedDecoder, folder: Path | None) -> float | None:
    flag = "merged_decoder_trial"
    # Large weights are fed as they lie in memory, or in their file: written into a model they would be copied often.
    trial = light_copy(model)
    fed = {value.name for value in trial.graph.input}
    weights = {tensor.name: _numbers(tensor, folder) for tensor in model.graph.initializer if tensor.name in fed}
    _choose_by(trial, decoder, flag)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(trial.SerializeToString(), options, providers=["CPUExecutionProvider"])
    caches = {**decoder.growing, **decoder.kept}
    feeds = {**_feeds(model, decoder), **weights}
    outputs = [name for name in decoder.node.output if name]

    inputs = _inputs(model)
    sources = {cache: inputs[decoder.fed_as[cache]] for cache in caches}

    def run(use: bool, own: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        given = {sources[cache].name: value.astype(_dtype(sources[cache])) for cache, value in own.items()}
        return dict(zip(outputs, session.run(outputs, {**feeds, **given, flag: np.array(use)}), strict=True))

    first = run(not decoder.with_cache, {cache: np.zeros(_shape(value, 1)) for cache, value in sources.items()})
    returned = {cache: first[decoder.node.output[place]] for cache, (place, _) in caches.items()}
    empty = {cache: np.take(returned[cache], [], axis) for cache, (_, axis) in decoder.growing.items()}
    kept = {cache: returned[cache] for cache in decoder.kept}
    second = run(decoder.with_cache, {**empty, **kept})
    ignored = {decoder.node.output[place] for place, _ in decoder.kept.values()}
    return _apart([(first[name], second[name]) for name in outputs if name not in ignored])


def _apart(pairs: list[tuple[np.ndarray, np.ndarray]]) -> float | None:
    worst = 0.0
    for a, b in pairs:
        if a.shape != b.shape:
            return None
        apart = float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)), initial=0.0))
        if not apart <= _TOLERANCE.get(a.dtype, _USUAL_TOLERANCE) * max(1.0, float(np.max(np.abs(a), initial=0.0))):
            return None
        worst = max(worst, apart)
    return worst


def _choose_by(trial: ModelProto, decoder: MergedDecoder, flag: str) -> None:
    """Let the If be chosen by an input of its own, and its outputs be outputs."""
    trial.graph.input.append(helper.make_tensor_value_info(flag, TensorProto.BOOL, []))
    for node in trial.graph.node:
        if list(node.output) == list(decoder.node.output):
            node.input[0] = flag
    present = {value.name for value in trial.graph.output}
    trial.graph.output.extend(ValueInfoProto(name=name) for name in decoder.node.output if name and name not in present)


def _feeds(model: ModelProto, decoder: MergedDecoder) -> dict[str, np.ndarray]:
    """A first step of a few different tokens, by what the branch without caches does with the inputs."""
    rows = looked_up_rows(model, branch(decoder.node, taken=not decoder.with_cache))
    numbers = np.random.default_rng(0)
    feeds = {}
    for name, value in _inputs(model).items():
        if name in decoder.fed_as.values():
            continue
        shape, dtype = _shape(value, _TOKENS), _dtype(value)
        if name in rows:
            feeds[name] = np.resize(1 + np.arange(_TOKENS) % max(rows[name] - 1, 1), shape).astype(dtype)
        elif np.issubdtype(dtype, np.floating) and len(shape) > 2:
            feeds[name] = numbers.standard_normal(shape).astype(dtype)
        else:
            feeds[name] = np.ones(shape, dtype)
    return feeds


def _numbers(tensor: TensorProto, folder: Path | None) -> np.ndarray:
    """Raises ValueError or OSError if they lie in a file that cannot be read."""
    if tensor.data_location != TensorProto.EXTERNAL:
        values: np.ndarray = numpy_helper.to_array(tensor)
        return values
    if folder is None:
        raise ValueError(f"{tensor.name} lies in another file")
    return read_external(tensor, folder)


def _bytes(tensor: TensorProto) -> int:
    dtype: np.dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    return int(math.prod(tensor.dims) * dtype.itemsize)


def _inputs(model: ModelProto) -> dict[str, ValueInfoProto]:
    weights = {tensor.name for tensor in model.graph.initializer}
    return {value.name: value for value in model.graph.input if value.name not in weights}


def _shape(value: ValueInfoProto, length: int) -> list[int]:
    """One sequence, with every axis that the file leaves open of one length."""
    dims = value.type.tensor_type.shape.dim
    return [dim.dim_value if dim.HasField("dim_value") else (length if axis else 1) for axis, dim in enumerate(dims)]


def _dtype(value: ValueInfoProto) -> np.dtype:
    dtype: np.dtype = helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    return dtype
