"""The models of the zoo that are not opened rightly, each with its cause. A test holds the list: none too many."""

from __future__ import annotations

CAUSES: dict[str, str] = {
    "misc-bigbird-sparse-ts": (
        "Block-sparse attention is computed in five pieces a layer, each over keys of its own; put together they would "
        "be a pattern that no tensor of the graph holds. It is said that there is attention in pieces."
    ),
    "sub-loop-dynamic": (
        "Its attention is inside a Loop that runs as often as the data says. Tensors of a loop's body cannot be "
        "outputs, and how often it is to be written out is not known. It is said that attention is in there."
    ),
}
