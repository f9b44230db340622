"""A step of a cell as one short digest: equal for two steps that compute the same with the same weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values
from embstudio.modelfile.graph import Node

_TURNABLE = frozenset({"Add", "Mul", "Sum"})
_DEEPEST = 200


class Signatures:
    """Digests of a graph's tensors, weights by their values: the same matrix stored twice is the same."""

    def __init__(self, flow: Dataflow) -> None:
        self._flow = flow
        self._fixed: dict[str, bytes] = {}

    def of(self, tensor: str, states: Iterable[str]) -> Signature:
        """What makes `tensor` of some states. Whatever does not depend on them is an input of the step."""
        return Signature(self, self._flow, tensor, tuple(states))

    def fixed(self, tensor: str, depth: int = 0) -> bytes:
        """The digest of a tensor that is no data."""
        if tensor not in self._fixed:
            weight, node = self._flow.graph.weight(tensor), self._flow.graph.producer(tensor)
            if weight is not None:
                values = np.ascontiguousarray(weight.values)
                content = values.tobytes() if values.dtype != object else repr(values.tolist()).encode()
                digest = _digest(str(values.dtype).encode(), repr(values.shape).encode(), content)
            elif node is None or node.op in ("Shape", "Size") or depth > _DEEPEST:
                digest = b"shape"
            elif node.op == "Identity":
                digest = self.fixed(node.inputs[0], depth + 1)
            else:
                digest = _of_node(node, tensor, [self.fixed(name, depth + 1) if name else b"" for name in node.inputs])
            self._fixed[tensor] = digest
        return self._fixed[tensor]


class Signature:
    """digest: of one step. states: what it starts from. inputs: its data that do not depend on these. weights: the
    constants that it reads."""

    def __init__(self, known: Signatures, flow: Dataflow, tensor: str, states: tuple[str, ...]) -> None:
        self._known, self._flow, self.states = known, flow, states
        self.inputs: list[str] = []
        self.weights: list[str] = []
        self._done: dict[str, bytes] = {}
        self.digest = self._of(tensor, 0)

    def _of(self, tensor: str, depth: int) -> bytes:
        flow = self._flow
        if tensor in self.states:
            return b"state%d" % self.states.index(tensor)
        if not flow.is_data(tensor):
            if tensor not in self.weights:
                self.weights.append(tensor)
            return self._known.fixed(tensor)
        if not any(flow.is_ancestor(state, tensor) for state in self.states):
            if tensor not in self.inputs:
                self.inputs.append(tensor)
            return b"input"
        before = before_same_values(flow, tensor)
        node = flow.graph.producer(before)
        if before != tensor:
            return self._of(before, depth)
        if tensor not in self._done:
            if node is None or depth > _DEEPEST:
                return b"deep"
            parts = [self._of(name, depth + 1) if name else b"" for name in node.inputs]
            self._done[tensor] = _of_node(node, tensor, sorted(parts) if node.op in _TURNABLE else parts)
        return self._done[tensor]


def _of_node(node: Node, tensor: str, parts: list[bytes]) -> bytes:
    attributes = repr(sorted((name, repr(value)) for name, value in node.attributes.items()))
    place = b"%d" % node.outputs.index(tensor)
    return _digest(node.operator.encode(), attributes.encode(), place, *parts)


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
