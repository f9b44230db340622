"""Products of two tensors with the axes of each, one letter an axis: MatMul, Einsum, and what stands for them.

Letters are those of an Einsum equation; for matrix products they are made up: `m` `c` `n` for [m, c] × [c, n] and
`0` `1` … for the axes in front. The same letter is the same axis in both operands and in the result.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.modelfile.graph import Graph, Node

Letters = tuple[str, ...]
_MATRIX = frozenset({"MatMul", "FusedMatMul", "TransposeMatMul", "MatMulInteger", "Gemm", "MatMulIntegerToFloat"})
PRODUCTS = frozenset({*_MATRIX, "Einsum"})


@dataclass(frozen=True)
class Product:
    """left × right = result. Axes are None where the graph does not tell an operand's rank.

    factor: what the operator multiplies the product by (FusedMatMul's alpha).
    """

    node: Node
    left: str
    right: str
    left_axes: Letters | None
    right_axes: Letters | None
    result_axes: Letters | None
    factor: float = 1.0

    @property
    def result(self) -> str:
        return self.node.outputs[0]

    def operand_tensor(self, place: int) -> str:
        return self.right if place else self.left

    def operand_axes(self, place: int) -> Letters | None:
        return self.right_axes if place else self.left_axes

    @property
    def known(self) -> bool:
        return self.left_axes is not None and self.right_axes is not None and self.result_axes is not None

    @property
    def contracted(self) -> frozenset[str]:
        """The axes that are summed over."""
        return frozenset(self.left_axes or ()) & frozenset(self.right_axes or ()) - frozenset(self.result_axes or ())

    @property
    def shared(self) -> Letters:
        """The axes of the result that both operands have, in its order."""
        both = frozenset(self.left_axes or ()) & frozenset(self.right_axes or ())
        return tuple(letter for letter in self.result_axes or () if letter in both)

    def only(self, place: int) -> Letters:
        """The axes of the result that just one operand has."""
        other = frozenset(self.operand_axes(1 - place) or ())
        own = frozenset(self.operand_axes(place) or ()) - other
        return tuple(letter for letter in self.result_axes or () if letter in own)


def product_of(graph: Graph, node: Node) -> Product | None:
    """The node as a product of its first two inputs; None if it is none, or one of more than two tensors."""
    if node.op not in PRODUCTS or len(node.inputs) < 2:
        return None
    left, right = node.inputs[:2]
    if node.op == "Einsum":
        if len(node.inputs) != 2:
            return None
        axes = _einsum_axes(graph, node)
        return Product(node, left, right, *axes) if axes else None
    if node.op == "Gemm" and node.input(2):
        return None  # two tensors multiplied, not a layer with a bias
    factor = node.attributes.get("alpha", 1.0) if node.op != "MatMul" else 1.0
    factor = float(factor) if isinstance(factor, (int, float)) else 1.0
    axes = _matrix_axes(graph, node)
    return Product(node, left, right, *axes, factor) if axes else Product(node, left, right, None, None, None, factor)


def _matrix_axes(graph: Graph, node: Node) -> tuple[Letters, Letters, Letters] | None:
    """Axes by numpy's rule for matmul: what is in front of the last two is broadcast, aligned at the right."""
    ranks = [graph.rank(node.inputs[0]), graph.rank(node.inputs[1])]
    of_result = graph.rank(node.outputs[0])
    # With one rank unknown, both operands of an attention's product have that of the other, or of the result.
    known = [rank for rank in (of_result, *ranks) if rank]
    if not known:
        return None
    left_rank, right_rank = (rank or known[0] for rank in ranks)
    if min(left_rank, right_rank) < 2:
        return None
    leading = tuple(str(place) for place in range(max(left_rank, right_rank) - 2))
    left = (*leading[len(leading) - left_rank + 2 :], "m", "c")
    right = (*leading[len(leading) - right_rank + 2 :], "c", "n")
    # onnxruntime's FusedMatMul: transBatch takes the axis before the last to the front of the batch axes.
    return (
        _transposed(left, node, "A"),
        _transposed(right, node, "B"),
        (*leading, "m", "n"),
    )


def _transposed(axes: Letters, node: Node, side: str) -> Letters:
    """The operand as it is stored, for attributes transA and transBatchA (Gemm, FusedMatMul).

    transBatch says that the stored tensor is […, row, batch…]: its first axis stands before the last one
    (onnxruntime, docs/ContribOperators.md, FusedMatMul)."""
    if node.attributes.get(f"trans{side}"):
        axes = (*axes[:-2], axes[-1], axes[-2])
    if node.attributes.get(f"transBatch{side}") and len(axes) > 2:
        axes = (axes[-2], *axes[:-2], axes[-1])
    return axes


def _einsum_axes(graph: Graph, node: Node) -> tuple[Letters, Letters, Letters] | None:
    """Axes by the equation, "ibnd,jbnd->bnij"; an ellipsis stands for the axes that the rank leaves."""
    equation = str(node.attributes.get("equation", "")).replace(" ", "")
    left_text, comma, rest = equation.partition(",")
    right_text, arrow, result_text = rest.partition("->")
    if not comma or "," in right_text:
        return None
    if not arrow:  # implicit form: the letters that occur once, in alphabetical order
        both = left_text + right_text
        letters = sorted(letter for letter in set(both) - {"."} if both.count(letter) == 1)
        result_text = ("..." if "..." in both else "") + "".join(letters)
    left = _spelled_out(left_text, graph.rank(node.inputs[0]))
    right = _spelled_out(right_text, graph.rank(node.inputs[1]))
    if left is None or right is None:
        return None
    dots = max(
        ((*filter(str.isdigit, axes),) for axes in (left, right)), key=len
    )  # fmt: skip
    result = tuple(letter for part in result_text.replace("...", ".") for letter in (dots if part == "." else (part,)))
    if any(len(set(axes)) != len(axes) for axes in (left, right, result)):
        return None  # a diagonal
    return left, right, result


def _spelled_out(text: str, rank: int | None) -> Letters | None:
    if "..." not in text:
        return tuple(text)
    before, _, after = text.partition("...")
    if rank is None or rank < len(before) + len(after):
        return None
    count = rank - len(before) - len(after)
    # Ellipses are broadcast aligned at the right, so count from there.
    return (*before, *(str(9 - count + place) for place in range(count)), *after)
