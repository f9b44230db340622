"""The grammar of point names: every kind is found again, with its axes and its place; nothing else is."""

from __future__ import annotations

import pytest

from embstudio.trace.axes import AXES
from embstudio.trace.points import KINDS, parse, select


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.template)
def test_every_kind_is_found_again(kind: object) -> None:
    name = kind.template.replace("{layer}", "12").replace("{direction}", "reverse")  # type: ignore[attr-defined]
    point = parse(name)
    assert point.kind is kind
    assert point.layer == (12 if "{layer}" in point.kind.template else None)
    assert point.direction == ("reverse" if "{direction}" in point.kind.template else None)
    assert set(point.kind.axes) <= set(AXES)


def test_the_parts_of_a_name() -> None:
    point = parse("decoder.blocks.3.cross_attn.pattern")
    assert (point.stack, point.layer, point.kind.axes) == ("decoder", 3, ("head", "query", "key"))
    assert point.prefix == "decoder.blocks.3.cross_attn"
    assert parse("lstm.0.forward.c").prefix == "lstm.0.forward"
    assert parse("embed").prefix == ""


@pytest.mark.parametrize(
    "name",
    ["", "blocks.x.attn.q", "blocks.1.attn", "lstm.0.sideways.c", "lstm.0.forward.z", "gru.0.forward.c", "embed.1",
     "blocks.-1.attn.q", "blocks.1.attn.q\n", "encoder.lstm", "blocksX1Xattn.q"],
)  # fmt: skip
def test_anything_else_is_refused_with_the_grammar(name: str) -> None:
    with pytest.raises(ValueError, match=r"known are embed, pos_embed, blocks\.\{layer\}\.resid_pre"):
        parse(name)


def test_globs_select_in_the_order_of_the_names() -> None:
    names = ["embed", "blocks.0.attn.pattern", "blocks.0.attn.q", "blocks.1.attn.pattern"]
    assert select(names, ["blocks.1.*", "*.pattern"]) == ["blocks.0.attn.pattern", "blocks.1.attn.pattern"]
    assert select(names, []) == names
    assert select(names, ["EMBED"]) == []
