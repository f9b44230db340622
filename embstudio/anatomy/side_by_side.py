"""What is said of towers side by side: which blocks do not follow one another, and which have no tokens to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from embstudio.anatomy.blocks import FoundBlock


def has_tokens(block: FoundBlock, ids_input: str | None) -> bool:
    """Are the block's positions those of the tokens? A tower beside theirs that reads another input has others."""
    return not block.tower or ids_input is None or ids_input in block.inputs


def say_towers(blocks: Sequence[FoundBlock], ids_input: str | None) -> Iterator[str]:
    """A sentence for each tower that does not follow the blocks numbered before it."""
    for block, before in zip(blocks[1:], blocks, strict=False):
        if block.stack != before.stack or block.tower == before.tower:
            continue
        tower = [each for each in blocks if (each.stack, each.tower) == (block.stack, block.tower)]
        names = tower[0].name if len(tower) == 1 else f"{tower[0].name} to {tower[-1].name}"
        verb = "does" if len(tower) == 1 else "do"
        read = " and ".join(block.inputs) or "no input"
        sentence = f"{names} {verb} not follow {before.name}: a stack of its own, that reads {read}"
        missing = (
            "" if has_tokens(block, ids_input) else "; a position there is not a token's place, so it has no points"
        )
        yield f"{sentence}{missing}."
