"""Products with weights that the file holds in a few bits. Sources: onnxruntime's MatMulNBits; ONNX's DequantizeLinear.

The weights are constants: what they stand for is what the model multiplies by.
"""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Pull, Rule, at, single
from embstudio.session.differentiate.rules.products import times_transposed
from embstudio.session.differentiate.step import Step

_EIGHT_BITS = 4  # the accuracy level that lets the kernel round its input


def _unpacked(packed: np.ndarray, bits: int) -> np.ndarray:
    """Numbers of `bits` each, the lowest of a byte first, along the last axis."""
    each = 8 // bits
    shifts = np.arange(each, dtype=np.uint8) * bits
    numbers = (packed[..., None] >> shifts) & (2**bits - 1)
    return np.asarray(numbers.reshape(*packed.shape[:-1], packed.shape[-1] * each))


def _weights(step: Step) -> np.ndarray:
    """[K, N], what the blocks of a MatMulNBits stand for: (number − zero point) · scale."""
    rows, columns = step.integer("N", 0), step.integer("K", 0)
    bits, block = step.integer("bits", 4), step.integer("block_size", 32)
    if bits not in (2, 4, 8) or step.has(4):
        refuse(step.node, "its weights are packed in a way that is not known here")
    blocks = -(-columns // block)
    numbers = _unpacked(np.asarray(step.given(1)).reshape(rows, blocks, -1), bits).astype(np.float64)[..., :block]
    scales = step.x(2).reshape(rows, blocks, 1)
    zero: np.ndarray | float = float(2 ** (bits - 1))
    if step.has(3):
        given = np.asarray(step.given(3))
        packed = given.dtype == np.uint8
        zero = (_unpacked(given.reshape(rows, -1), bits)[:, :blocks] if packed else given.reshape(rows, blocks)).astype(
            np.float64
        )[..., None]
    return np.asarray(((numbers - zero) * scales).reshape(rows, -1)[:, :columns].T)


def _matmul_bits(step: Step) -> Pull:
    if step.integer("accuracy_level", 0) == _EIGHT_BITS:
        refuse(step.node, "it computes with inputs rounded to 8 bits", rounds=True)
    W = _weights(step)
    return lambda dy: {0: times_transposed(dy, W)}


RULES: dict[str, Rule] = {"com.microsoft.MatMulNBits": single(_matmul_bits, at(1, 2, 3))}
