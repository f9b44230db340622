"""The recurrent bench: what a seed gives, going back, what is learnt and what is not, and cells that run away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged
from embstudio.lab.recurrent.bench import Recurrent, RecurrentOrder
from embstudio.lab.recurrent.facts import Facts
from embstudio.lab.recurrent.settings import (
    AGREE,
    ALL_LENGTHS,
    BATCHES,
    GRU,
    LSTM,
    ORDER,
    REMEMBER,
    RNN,
    SGD,
    Settings,
)

QUICK = Settings(distance=6, units=8, batch=8, epochs=3)
EXPLODING = Settings(scale=3.0, clipping=0.0, optimiser=SGD, rate=1.5, epochs=3)


def bench_of(settings: Settings) -> Recurrent:
    return RecurrentOrder(settings).bench()


def train(bench: Recurrent, epochs: int | None = None, seconds: float = 0.0) -> Recurrent:
    while bench.epoch < (epochs if epochs is not None else bench.epochs):
        bench.advance(seconds)
    return bench


def facts_of(bench: Recurrent) -> Facts:
    found: Facts = bench.snapshot().facts
    return found


def accuracy(bench: Recurrent) -> dict[str, float]:
    """Of each cell on held-out examples."""
    return {cell.kind: float(cell.held[-1, 2]) for cell in facts_of(bench).cells}


def same(one: Recurrent, other: Recurrent) -> None:
    """Both are in the same state, and show the same."""
    for mine, theirs in zip(one.snapshot().arrays, other.snapshot().arrays, strict=True):
        assert np.array_equal(mine, theirs)
    for mine, theirs in zip(facts_of(one).cells, facts_of(other).cells, strict=True):
        assert np.array_equal(mine.train, theirs.train)
        assert np.array_equal(mine.held, theirs.held)
        assert np.array_equal(mine.flow.h, theirs.flow.h)
        assert np.array_equal(mine.by_distance, theirs.by_distance)
        assert (mine.stopped, mine.stopped_at) == (theirs.stopped, theirs.stopped_at)


@pytest.mark.parametrize("settings", [
    QUICK, replace(QUICK, task=AGREE, lengths=ALL_LENGTHS), replace(QUICK, task=ORDER, optimiser=SGD, gru=False),
], ids=["remember", "agree", "order"])  # fmt: skip
def test_the_same_seed_gives_the_same_run_however_it_is_sliced(settings: Settings) -> None:
    one, other = train(bench_of(settings)), train(bench_of(settings), seconds=10.0)
    same(one, other)
    assert one.examples == settings.epochs * BATCHES * settings.batch
    seeded = train(bench_of(replace(settings, seed=2)))
    assert not np.array_equal(one.snapshot().arrays[0], seeded.snapshot().arrays[0])


def test_after_going_back_the_run_is_the_same() -> None:
    straight = train(bench_of(QUICK))
    bench = train(bench_of(QUICK), 1)
    kept = bench.state()
    train(bench)
    bench.restore(kept)
    assert bench.epoch == 1
    assert facts_of(bench).cells[0].train[-1, 0] == 1.0
    for _ in range(3):
        bench.step()
    bench.restore(kept)
    same(train(bench), straight)


def test_a_step_is_a_batch_like_any_other() -> None:
    straight, bench = train(bench_of(QUICK), 1), bench_of(QUICK)
    for _ in range(BATCHES):
        bench.step()
    same(bench, straight)


def test_a_step_follows_the_first_example_of_its_batch() -> None:
    bench = bench_of(QUICK)
    assert not facts_of(bench).followed.learnt
    before = [array.copy() for array in bench.snapshot().arrays]
    bench.step()
    facts = facts_of(bench)
    assert facts.followed.learnt
    assert len(facts.followed.ids) == QUICK.distance + 1
    for array, was, cell in zip(bench.snapshot().arrays, before, facts.cells, strict=True):
        assert (array != was).any()
        assert cell.guesses is not None
        assert cell.guesses.chances.shape == (QUICK.distance + 1, 4)
        assert np.allclose(cell.guesses.chances.sum(axis=1), 1, atol=1e-5)
        assert cell.guesses.flow.h.shape == (QUICK.distance + 1,)
        assert cell.guesses.after is not None
        assert cell.guesses.after != cell.guesses.chances[-1, facts.followed.answer]
    bench.advance()
    assert not facts_of(bench).followed.learnt


def test_over_a_long_distance_gates_remember_and_the_plain_rnn_does_not() -> None:
    """What the bench is for, with the settings it begins with."""
    bench = train(bench_of(Settings()), 4)
    found = accuracy(bench)
    assert found[GRU] > 0.95
    assert found[LSTM] > 0.95
    assert found[RNN] < 0.4  # one of four by chance
    far = {cell.kind: cell.flow.h[20] / cell.flow.h[0] for cell in facts_of(bench).cells}
    assert far[RNN] < 1e-3
    assert far[GRU] > 0.01
    bench = train(bench_of(replace(Settings(), distance=5)), 4)
    assert min(accuracy(bench).values()) > 0.95  # so near, all three do


def test_all_cells_learn_to_agree_over_a_short_clause() -> None:
    assert min(accuracy(train(bench_of(Settings(task=AGREE, distance=5)), 4)).values()) > 0.95


def test_gates_that_begin_shut_forget() -> None:
    bench = bench_of(Settings(forget=-3.0, rnn=False))
    flows = {cell.kind: cell.flow for cell in facts_of(bench).cells}
    c = flows[LSTM].c
    assert c is not None
    # Each step back goes through the forget gate, σ(−3) = 0.047 at first.
    assert c[20] / c[0] < 1e-10
    open_c = {cell.kind: cell.flow for cell in facts_of(bench_of(Settings(forget=3.0))).cells}[LSTM].c
    assert open_c is not None
    assert open_c[20] / open_c[0] > 0.05


def test_over_60_steps_it_takes_gates_that_begin_wide_open() -> None:
    """What the settings worth a try say: σ(2) = 0.88 leaves next to nothing after 60 steps, σ(4) = 0.98 a third."""
    left = []
    for forget in (2.0, 4.0):
        (lstm,) = facts_of(bench_of(Settings(distance=60, forget=forget, rnn=False, gru=False))).cells
        assert lstm.flow.c is not None
        left.append(lstm.flow.c[60] / lstm.flow.c[0])
    assert left[0] < 0.01
    assert left[1] > 0.1


def test_short_distances_first_lead_the_rnn_to_long_ones() -> None:
    alone = Settings(gru=False, lstm=False)
    assert accuracy(train(bench_of(alone), 8))[RNN] < 0.5
    assert accuracy(train(bench_of(replace(alone, lengths=ALL_LENGTHS)), 8))[RNN] > 0.9


def test_r_begins_with_the_spectral_radius_asked_for() -> None:
    bench = bench_of(replace(QUICK, scale=1.7, units=12))
    for learner in bench._learners:
        for gate in range(learner.network.cell.gates):
            block = learner.network.parts["R"][12 * gate : 12 * (gate + 1)]
            assert np.abs(np.linalg.eigvals(block)).max() == pytest.approx(1.7, rel=1e-5)
        largest = np.linalg.svd(learner.network.parts["R"][-12:], compute_uv=False)[0]
        assert learner.largest == pytest.approx(float(largest), rel=1e-5)


def test_large_weights_make_gradients_grow_on_the_way_back() -> None:
    (cell,) = facts_of(bench_of(Settings(scale=3.0, gru=False, lstm=False))).cells
    assert cell.flow.h[20] / cell.flow.h[0] > 10


def test_a_cell_that_runs_away_is_stopped_and_the_others_go_on() -> None:
    bench = train(bench_of(EXPLODING), 2)
    rnn, gru, lstm = facts_of(bench).cells
    assert "its loss rose to" in rnn.stopped
    assert not gru.stopped
    assert not lstm.stopped
    assert np.isfinite(bench.snapshot().arrays[0]).all()
    assert rnn.train[-1, 0] < gru.train[-1, 0]
    kept = bench.state()
    bench.step()
    assert facts_of(bench).cells[0].guesses is None
    end = train(bench)
    held = end.snapshot().arrays[0].copy()
    assert accuracy(end)[GRU] > 0.95
    end.restore(kept)
    assert facts_of(end).cells[0].stopped == rnn.stopped
    again = train(end)
    assert np.array_equal(again.snapshot().arrays[0], held)


def test_numbers_beyond_all_numbers_stop_a_cell() -> None:
    bench = bench_of(replace(QUICK, optimiser=SGD, rate=1e3, clipping=0.0, scale=20.0))
    with pytest.raises(Diverged, match=r"No cell is left\. RNN: its loss .*GRU: its .*LSTM: its "):
        train(bench)
    assert all(np.isfinite(array).all() for array in bench.snapshot().arrays)


def test_a_cell_goes_back_to_before_what_ruined_it() -> None:
    bench = train(bench_of(replace(QUICK, epochs=10)), 3)
    good = bench.snapshot().arrays[0].copy()
    train(bench, 4)
    bench.change(replace(QUICK, epochs=10, optimiser=SGD, rate=1e3, clipping=0.0))
    with pytest.raises(Diverged):
        train(bench)
    assert np.array_equal(bench.snapshot().arrays[0], good)


def test_clipping_is_counted_and_norms_are_told_as_before_it() -> None:
    free = facts_of(train(bench_of(replace(QUICK, clipping=0.0)), 1)).cells[0].train
    held = facts_of(train(bench_of(replace(QUICK, clipping=0.01)), 1)).cells[0].train
    assert (free[:, 4] == 0).all()
    assert (held[:, 4] == 1).all()
    assert (held[:, 3] > 0.01).all()


def test_distance_can_be_changed_while_it_trains() -> None:
    bench = train(bench_of(QUICK), 1)
    bench.advance()
    bench.change(replace(QUICK, distance=15))
    facts = facts_of(bench)
    assert len(facts.cells[0].flow.h) == len(facts.cells[0].start.h) == 16
    assert facts.distances[-1] == facts.distance == 15
    assert len(train(bench).snapshot().facts.followed.ids) == 16


def test_lengths_are_drawn_up_to_the_distance() -> None:
    bench, seen = bench_of(replace(QUICK, lengths=ALL_LENGTHS)), set()
    for _ in range(40):
        bench.step()
        seen.add(len(facts_of(bench).followed.ids) - 1)
    assert seen == set(range(1, QUICK.distance + 1))


def test_before_training_all_guesses_are_blind() -> None:
    facts = facts_of(bench_of(Settings()))
    assert facts.nothing == pytest.approx(np.log(4))
    for cell in facts.cells:
        assert 0.1 < cell.held[0, 2] < 0.45
        assert np.array_equal(cell.flow.h, cell.start.h)
        assert not len(cell.train)


@pytest.mark.parametrize(("changed", "what"), [
    ({"rnn": False, "gru": False, "lstm": False}, "No cell is ticked"), ({"distance": 0}, "distance"),
    ({"rate": 0.0}, "rate"), ({"rate": float("nan")}, "rate"), ({"task": "chess"}, "no such choice"),
    ({"units": 256, "batch": 512, "distance": 200}, "paused"), ({"task": ORDER, "distance": 1}, "distance of 2"),
])  # fmt: skip
def test_settings_that_cannot_be_are_refused(changed: dict, what: str) -> None:
    with pytest.raises(InputError, match=what):
        bench_of(replace(Settings(), **changed))


def test_what_needs_a_reset_is_refused_while_it_trains() -> None:
    bench = bench_of(QUICK)
    with pytest.raises(InputError, match="units"):
        bench.change(replace(QUICK, units=9))
    with pytest.raises(InputError, match="distance of 2"):
        bench_of(replace(QUICK, task=ORDER)).change(replace(QUICK, task=ORDER, distance=1))
    assert bench.settings == QUICK
    assert replace(QUICK, task=REMEMBER, rate=0.1).needs_reset(QUICK) == ()
