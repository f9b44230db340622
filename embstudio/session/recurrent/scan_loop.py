"""A Scan operator written as one writes a loop: states, what each token brings, what each token leaves behind."""

from __future__ import annotations

import onnx
from onnx import helper

from embstudio.session.graph_writer import GraphWriter


class ScanLoop:
    """A loop over the first axis of its inputs, written into `body`; `close` puts the Scan into the graph around it.

    mask: a tensor [pos, batch, 1] of bools in the graph around it; where false the states stay as they are. "" for
    none. reverse: from the last token to the first; what comes out is in the order of the tokens all the same.
    """

    def __init__(self, around: GraphWriter, name: str, *, reverse: bool, dtype: int, mask: str = "") -> None:
        self.body = GraphWriter(f"{around.prefix}.{name}", around.opset)
        self._around = around
        self._reverse = reverse
        self._dtype = dtype
        self._states: list[tuple[str, str, str]] = []  # (name, initial tensor around, tensor inside)
        self._each: list[tuple[str, str, int]] = []  # (tensor around, tensor inside, type)
        self._next: dict[str, str] = {}
        self._yields: dict[str, str] = {}
        self._mask = self.each(mask, onnx.TensorProto.BOOL) if mask else ""

    def state(self, name: str, initial: str) -> str:
        """A state [batch, unit] with its first value; returns the state before this token, inside the loop."""
        inside = self.body.fresh()
        self._states.append((name, initial, inside))
        return inside

    def each(self, tensor: str, dtype: int | None = None) -> str:
        """What each token brings of a tensor [pos, …]; returns this token's part, inside the loop."""
        inside = self.body.fresh()
        self._each.append((tensor, inside, self._dtype if dtype is None else dtype))
        return inside

    def leave(self, name: str, value: str) -> None:
        """Keep a value of every token; if `name` is a state's, it is also the state that the next token meets."""
        self._yields[name] = value
        for state, _, before in self._states:
            if state == name:
                self._next[name] = self.body.add("Where", [self._mask, value, before]) if self._mask else value
                if not self._mask:  # one tensor cannot be two outputs of a graph
                    self._yields[name] = self.body.add("Identity", [value])

    def close(self) -> dict[str, str]:
        """Emit the Scan; returns {name: [pos, batch, …]} of what was left, and "{state}_last" [batch, unit]."""
        out = self._around
        last = {f"{name}_last": out.fresh() for name, _, _ in self._states}
        left = {name: out.fresh() for name in self._yields}
        body = helper.make_graph(
            self.body.nodes,
            self.body.prefix,
            [
                *(helper.make_tensor_value_info(inside, self._dtype, None) for _, _, inside in self._states),
                *(helper.make_tensor_value_info(inside, dtype, None) for _, inside, dtype in self._each),
            ],
            [
                helper.make_tensor_value_info(tensor, self._dtype, None)
                for tensor in (*(self._next[name] for name, _, _ in self._states), *self._yields.values())
            ],
        )
        backwards = int(self._reverse)
        out.nodes.append(
            helper.make_node(
                "Scan",
                [*(initial for _, initial, _ in self._states), *(tensor for tensor, _, _ in self._each)],
                [*last.values(), *left.values()],
                body=body,
                num_scan_inputs=len(self._each),
                scan_input_directions=[backwards] * len(self._each),
                scan_output_directions=[backwards] * len(left),
            )
        )
        return {**left, **last}
