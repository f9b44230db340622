"""The cells of RNN, GRU and LSTM operators written as loops over the tokens.

What does not depend on the state is done once for all tokens before the loop (X Wᵀ + b), what only cuts things up is
done after it: the loop's body is as small as it can be. The equations are those of `formulas.cell_run`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.recurrent.activation_writer import write_activation, write_cut
from embstudio.session.recurrent.operands import Operands
from embstudio.session.recurrent.overrides import Overrides
from embstudio.session.recurrent.products import FloatProducts, WholeProducts, affine, turned
from embstudio.session.recurrent.scan_loop import ScanLoop


class ScanCell:
    """One direction of one node. `write` returns its tensors by the name of the gate or state, [pos, batch, unit], and
    "h_last", "c_last" [batch, unit].

    around: the graph the loop stands in. at: the direction's place among the node's. overrides: which of its points can
    be replaced.
    """

    def __init__(
        self, operands: Operands, around: GraphWriter, loop: ScanLoop, at: int, prefix: str, overrides: Overrides
    ) -> None:
        self._operands, self._out, self._loop, self._at = operands, around, loop, at
        self._node, self._units, self._body = operands.node, operands.units, loop.body
        self._prefix, self._overrides = prefix, overrides
        self._products: WholeProducts | FloatProducts = (WholeProducts if self._node.quantised else FloatProducts)(
            operands, around, at
        )

    def write(self) -> dict[str, str]:
        """Emit the loop."""
        kinds: dict[str, Callable[[], dict[str, str]]] = {"lstm": self._lstm, "gru": self._gru, "rnn": self._rnn}
        return kinds[self._node.kind]()

    def _lstm(self) -> dict[str, str]:
        body, units = self._body, self._units
        h = self._loop.state("h", self._operands.initial(self._node.h, self._at))
        c = self._loop.state("c", self._operands.initial(self._node.c, self._at))
        x = self._loop.each(self._out.add("Add", [self._products.of_input(), self._added_biases()]))
        total = self._products.of_state(body, h, x)
        if self._node.P or self._node.input_forget:
            return self._lstm_gate_by_gate(h, c, total)
        gates, candidate = body.split(self._cut(total), [3 * units, units], axis=1)
        iof, g = self._activated(0, gates), self._settled("g", self._activated(1, candidate))
        i, o, f = (
            self._settled(name, gate) for name, gate in zip("iof", body.split(iof, [units] * 3, axis=1), strict=True)
        )
        c = self._settled("c", body.add("Add", [body.add("Mul", [f, c]), body.add("Mul", [i, g])]))
        h = self._settled("h", body.add("Mul", [o, self._activated(2, c)]))
        if any(self._overridden(name) for name in "iof"):
            return self._left(i=i, o=o, f=f, g=g, c=c, h=h)
        tensors = self._left(iof=iof, g=g, c=c, h=h)
        i, o, f = self._out.split(tensors.pop("iof"), [units] * 3, axis=2)
        return {"i": i, "o": o, "f": f, **tensors}

    def _lstm_gate_by_gate(self, h: str, c: str, total: str) -> dict[str, str]:
        """With peepholes, or a forget gate that is 1 − i."""
        body, units = self._body, self._units
        i, o, f, g = body.split(total, [units] * 4, axis=1)
        before = c
        if self._node.P:
            P_i, P_o, P_f = self._out.split(self._operands.matrix(self._node.P, self._at), [units] * 3, axis=0)
            i, f = (
                body.add("Add", [gate, body.add("Mul", [peephole, before])]) for gate, peephole in ((i, P_i), (f, P_f))
            )
        i = self._settled("i", self._activated(0, self._cut(i)))
        if self._node.input_forget:
            f = body.add("Sub", [body.constant(self._one), i])
        else:
            f = self._activated(0, self._cut(f))
        f, g = self._settled("f", f), self._settled("g", self._activated(1, self._cut(g)))
        c = self._settled("c", body.add("Add", [body.add("Mul", [f, before]), body.add("Mul", [i, g])]))
        if self._node.P:
            o = body.add("Add", [o, body.add("Mul", [P_o, c])])
        o = self._settled("o", self._activated(0, self._cut(o)))
        h = self._settled("h", body.add("Mul", [o, self._activated(2, c)]))
        return self._left(i=i, o=o, f=f, g=g, c=c, h=h)

    def _gru(self) -> dict[str, str]:
        out, body, units = self._out, self._body, self._units
        sizes = [2 * units, units]
        h = self._loop.state("h", self._operands.initial(self._node.h, self._at))
        x_zr, x_n = out.split(self._products.of_input(), sizes, axis=2)
        R_zr, R_n = out.split(turned(out, self._operands.matrix(self._node.R, self._at)), sizes, axis=1)
        (wb_zr, wb_n), (rb_zr, rb_n) = (out.split(bias, sizes, axis=0) for bias in self._operands.biases(self._at))
        x_zr = self._loop.each(out.add("Add", [x_zr, out.add("Add", [wb_zr, rb_zr])]))
        zr = self._activated(0, self._cut(affine(body, h, R_zr, x_zr)))
        z, r = (self._settled(name, gate) for name, gate in zip("zr", body.split(zr, [units] * 2, axis=1), strict=True))
        if self._node.linear_before_reset:
            x_n = self._loop.each(out.add("Add", [x_n, wb_n]))
            total = body.add("Add", [x_n, body.add("Mul", [r, affine(body, h, R_n, rb_n)])])
        else:
            x_n = self._loop.each(out.add("Add", [x_n, out.add("Add", [wb_n, rb_n])]))
            total = affine(body, body.add("Mul", [r, h]), R_n, x_n)
        n = self._settled("n", self._activated(1, self._cut(total)))
        kept = body.add("Mul", [z, h])
        new = body.add("Mul", [body.add("Sub", [body.constant(self._one), z]), n])
        h = self._settled("h", body.add("Add", [new, kept]))
        if any(self._overridden(name) for name in "zr"):
            return self._left(z=z, r=r, n=n, h=h)
        tensors = self._left(zr=zr, n=n, h=h)
        z, r = out.split(tensors.pop("zr"), [units] * 2, axis=2)
        return {"z": z, "r": r, **tensors}

    def _rnn(self) -> dict[str, str]:
        h = self._loop.state("h", self._operands.initial(self._node.h, self._at))
        x = self._loop.each(self._out.add("Add", [self._products.of_input(), self._added_biases()]))
        a = self._settled("a", self._cut(self._products.of_state(self._body, h, x)))
        return self._left(a=a, h=self._settled("h", self._activated(0, a)))

    def _added_biases(self) -> str:
        return self._out.add("Add", self._operands.biases(self._at))

    def _activated(self, which: int, x: str) -> str:
        return write_activation(self._body, self._node.activations[self._at][which], x, self._operands.dtype)

    def _cut(self, total: str) -> str:
        return write_cut(self._body, total, self._node.clip, self._operands.dtype)

    def _overridden(self, name: str) -> bool:
        return f"{self._prefix}.{name}" in self._overrides

    def _settled(self, name: str, value: str) -> str:
        """A gate or state as it counts from here on: as it was computed, or replaced."""
        return self._overrides.write(f"{self._prefix}.{name}", value, self._loop, self._operands.dtype)

    def _left(self, **values: str) -> dict[str, str]:
        for name, value in values.items():
            self._loop.leave(name, value)
        return self._loop.close()

    @property
    def _one(self) -> np.ndarray:
        return np.array(1, self._operands.dtype)
