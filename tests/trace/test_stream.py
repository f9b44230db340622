"""Stages of streams made by hand, and their measures against plain sums of squares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.trace.axes import NamedArray
from embstudio.trace.stream import changes, settled, stacks, stages, vectors
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

rng = np.random.default_rng(3)
PRE_NORM = ("resid_pre", "attn.out", "resid_mid", "mlp.out", "resid_post")


def trace_of(arrays: dict[str, np.ndarray], tokens: int = 3) -> Trace:
    named = {name: NamedArray(values, ("pos", "d_model")) for name, values in arrays.items()}
    words = tuple(Token(str(id_), str(id_), id_) for id_ in range(tokens))
    return Trace("m", "t", words, named, dict.fromkeys(named, Provenance.OBSERVED))


def pre_norm(layers: int = 2, prefix: str = "") -> dict[str, np.ndarray]:
    """A model that only adds: every stage is the sum of what was written before it."""
    arrays = {f"{prefix}embed": rng.normal(size=(3, 8)), f"{prefix}pos_embed": rng.normal(size=(3, 8))}
    x = arrays[f"{prefix}embed"] + arrays[f"{prefix}pos_embed"]
    for layer in range(layers):
        block = f"{prefix}blocks.{layer}"
        for part in PRE_NORM:
            if part.endswith("out"):
                arrays[f"{block}.{part}"] = rng.normal(size=(3, 8))
                x = x + arrays[f"{block}.{part}"]
            else:
                arrays[f"{block}.{part}"] = x
    arrays[f"{prefix}final_norm"] = x / 2
    return {name: values.astype(np.float32) for name, values in arrays.items()}


def test_the_stages_of_a_model_that_adds() -> None:
    shown = stages(trace_of(pre_norm()))
    assert [(stage.point, stage.added, stage.layer) for stage in shown] == [
        ("embed", (), None),
        ("blocks.0.resid_pre", ("pos_embed",), None),
        ("blocks.0.resid_mid", ("blocks.0.attn.out",), 0),
        ("blocks.0.resid_post", ("blocks.0.mlp.out",), 0),
        ("blocks.1.resid_mid", ("blocks.1.attn.out",), 1),
        ("blocks.1.resid_post", ("blocks.1.mlp.out",), 1),
        ("final_norm", (), None),
    ]


def test_what_was_written_is_what_lies_between_the_stages() -> None:
    trace = trace_of(pre_norm())
    shown = stages(trace)[:-1]  # the final norm adds nothing
    for pos in range(3):
        x = vectors(trace, shown, pos)
        assert x.dtype == np.float64
        found = changes(trace, shown, pos)
        for place, change in enumerate(found):
            assert change.length == pytest.approx(math.sqrt(sum(v * v for v in x[place])), rel=1e-12)
            if not place:
                assert math.isnan(change.to_start)
                assert math.isnan(change.to_before)
                continue
            (added,) = change.added
            step = x[place] - x[place - 1]
            assert added.length == pytest.approx(math.sqrt(sum(step * step)), rel=1e-5)
            assert added.share == pytest.approx(added.length / found[place - 1].length, rel=1e-12)
            for other, cosine in ((x[0], change.to_start), (x[place - 1], change.to_before)):
                expected = sum(x[place] * other) / math.sqrt(sum(x[place] ** 2) * sum(other**2))
                assert cosine == pytest.approx(expected, rel=1e-12)


def test_parallel_blocks_write_twice_before_the_next_stage() -> None:
    arrays = {name: values for name, values in pre_norm().items() if not name.endswith("resid_mid")}
    shown = stages(trace_of(arrays))
    assert [stage.added for stage in shown if stage.layer == 1] == [("blocks.1.attn.out", "blocks.1.mlp.out")]


def test_what_a_trace_does_not_hold_is_left_out() -> None:
    arrays = pre_norm()
    for name in ("blocks.0.resid_post", "blocks.0.mlp.out", "pos_embed", "final_norm"):
        del arrays[name]
    shown = stages(trace_of(arrays))
    assert [(stage.point, stage.added) for stage in shown] == [
        ("embed", ()),
        ("blocks.0.resid_pre", ()),
        ("blocks.0.resid_mid", ("blocks.0.attn.out",)),
        ("blocks.1.resid_pre", ()),  # stands in for what left the block before
        ("blocks.1.resid_mid", ("blocks.1.attn.out",)),
        ("blocks.1.resid_post", ("blocks.1.mlp.out",)),
    ]
    assert stages(trace_of({"logits": np.zeros((3, 5), np.float32)})) == ()
    assert changes(trace_of({}), (), 0) == ()


def test_a_stream_that_is_the_embedding_itself_is_shown_once() -> None:
    arrays = pre_norm()
    arrays["embed"] = arrays["blocks.0.resid_pre"]
    assert [stage.point for stage in stages(trace_of(arrays))][:2] == ["embed", "blocks.0.resid_mid"]


def test_an_embedding_of_another_width_is_no_stage() -> None:
    arrays = pre_norm() | {"embed": rng.normal(size=(3, 4)).astype(np.float32)}
    first = stages(trace_of(arrays))[0]
    assert (first.point, first.added) == ("blocks.0.resid_pre", ())  # nothing that it could be compared with


def test_encoder_and_decoder_have_streams_of_their_own() -> None:
    arrays = pre_norm(1, "encoder.") | pre_norm(1, "decoder.")
    arrays["decoder.blocks.0.resid_cross"] = arrays["decoder.blocks.0.resid_mid"] + 1
    arrays["decoder.blocks.0.cross_attn.out"] = np.ones((3, 8), np.float32)
    trace = trace_of(arrays)
    assert stacks(trace) == ("encoder", "decoder")
    decoder = stages(trace, "decoder")
    assert [stage.added for stage in decoder if stage.layer == 0] == [
        ("decoder.blocks.0.attn.out",), ("decoder.blocks.0.cross_attn.out",), ("decoder.blocks.0.mlp.out",),
    ]  # fmt: skip
    assert all(stage.point.startswith("encoder.") for stage in stages(trace, "encoder"))


def test_a_stream_of_nothing_has_no_direction() -> None:
    arrays = {name: np.zeros_like(values) for name, values in pre_norm().items()}
    trace = trace_of(arrays)
    for change in changes(trace, stages(trace), 0)[1:]:
        assert change.to_start == 0
        assert all(math.isnan(added.share) for added in change.added)


@pytest.mark.parametrize(
    ("first", "place"),
    [([4], 0), ([1, 2, 3], 2), ([7, 7, 7], 0), ([3, 7, 3, 3], 2), ([3, 3, 7, 3], 3)],
)
def test_where_the_first_choice_settles(first: list[int], place: int) -> None:
    assert settled(first) == place


def test_nothing_settles_without_stages() -> None:
    assert settled([]) is None
