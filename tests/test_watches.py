"""Watches and breakpoints of a studio that real models have answered."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.settings import Settings
from embstudio.session.messages import PrefixRequest
from embstudio.stepper.watch.expression_error import ExpressionError, UnfittingError
from embstudio.studio.watches import MOST, Breakpoint, Watches, nearest
from tests.gui.conftest import OpenModel, OpenStudio, open_model  # noqa: F401  # a fixture
from tests.judging_models import make_last_verdict

TURN = "I expected to hate it but loved it"
F, C = "lstm.0.forward.f", "lstm.0.forward.c"


@pytest.fixture
def studio(open_model: OpenModel) -> OpenStudio:  # noqa: F811
    return open_model("sentiment-lstm", TURN)


@pytest.fixture
def changes(studio: OpenStudio) -> list[str]:
    """One entry for each time the lists or what they come to were said to be others."""
    said: list[str] = []
    studio.watches.changed.connect(lambda: said.append("changed"))
    return said


def test_a_condition_is_a_breakpoint_and_anything_else_a_watch(studio: OpenStudio, changes: list[str]) -> None:
    watches = studio.watches
    assert watches.add(f" {F}.mean ") == "watch"
    assert watches.add(f"{F}.mean < 0.7") == "breakpoint"
    watches.add_watch("flips(class)")  # a condition can be watched as well
    assert watches.watches == (f"{F}.mean", "flips(class)")
    assert watches.breakpoints == (Breakpoint(f"{F}.mean < 0.7"),)
    assert len(changes) == 3
    watches.add_watch(f"{F}.mean")
    assert len(watches.watches) == 2


def test_what_makes_no_sense_is_refused_and_changes_nothing(studio: OpenStudio, changes: list[str]) -> None:
    watches = studio.watches
    watches.add_watch("position")
    watches.add_breakpoint("position == 2")
    before = (watches.watches, watches.breakpoints)
    for do in (
        lambda: watches.add("1 +"),
        lambda: watches.add("lstm.3.forward.c.mean"),
        lambda: watches.add_breakpoint("position"),
        lambda: watches.add_watch(C),
        lambda: watches.edit_watch(0, "p(nothing)"),
        lambda: watches.edit_breakpoint(0, "class"),
    ):
        with pytest.raises(ExpressionError):
            do()
    assert (watches.watches, watches.breakpoints) == before
    assert len(changes) == 2


def test_the_values_are_those_of_the_trace_and_follow_it(studio: OpenStudio) -> None:
    watches = studio.watches
    watches.add_watch(f"{C}[17]")
    for text in (TURN, "not good", "good"):
        studio.type(text)
        assert studio.trace is not None
        series = watches.outcome(f"{C}[17]").series
        assert series is not None
        assert series.values.tolist() == studio.trace[C].values[:, 17].tolist()


def test_marks_are_where_an_enabled_breakpoint_holds(studio: OpenStudio) -> None:
    watches = studio.watches
    watches.add_breakpoint("position == 2")
    watches.add_breakpoint("flips(class)")
    assert studio.trace is not None
    classes = studio.trace["logits"].values.argmax(1)
    flips = {at for at in range(1, 8) if classes[at] != classes[at - 1]}
    assert watches.marks == tuple(sorted(flips | {2}))
    assert watches.places("flips(class)") == tuple(sorted(flips))
    watches.enable(1, False)
    assert watches.marks == (2,)
    assert watches.holding(2) == (0,)
    watches.remove_breakpoint(0)
    assert watches.marks == ()
    watches.enable(0, True)
    assert watches.marks == tuple(sorted(flips))


def test_where_to_stop_next_and_before(studio: OpenStudio) -> None:
    watches = studio.watches
    watches.add_breakpoint("position == 2 or position == 5")
    assert [watches.next_stop(at, 1) for at in range(8)] == [2, 2, 5, 5, 5, None, None, None]
    assert [watches.next_stop(at, -1) for at in range(8)] == [None, None, None, 2, 2, 2, 5, 5]
    assert nearest((), 3, 1) is None


def test_why_it_stopped_is_said_with_the_numbers(studio: OpenStudio) -> None:
    watches, said = studio.watches, list[str]()
    watches.stopped.connect(said.append)
    assert studio.trace is not None
    mean = studio.trace[F].values.astype(float).mean(1)
    bound = f"{mean[5] + 0.01:.3f}"
    watches.add_breakpoint(f"{F}.mean < {bound} and position > 0")
    watches.add_breakpoint('token == "but"')
    studio.cursor.move(token=5)
    assert watches.stop_here()
    expected = f'Stopped at ‘but’: {F}.mean = {mean[5]:.4g} < {bound} and position = 5 > 0; token = ‘but’ == "but"'
    assert said == [expected] == [watches.reason]
    studio.cursor.move(token=6)
    assert said[1:] == [""]  # it goes on
    studio.cursor.move(token=0)
    assert not watches.stop_here()
    assert watches.reason == ""


def test_what_changed_is_said_with_the_values_before_and_now(studio: OpenStudio) -> None:
    assert studio.trace is not None
    best = studio.trace["logits"].values.argmax(1)
    place = next(at for at in range(1, 8) if best[at] != best[at - 1])
    studio.watches.add_breakpoint("flips(class)")
    studio.cursor.move(token=place)
    assert studio.watches.stop_here()
    earlier, now = (("negative", "positive")[best[at]] for at in (place - 1, place))
    assert studio.watches.reason.endswith(f"flips(class): ‘{earlier}’ → ‘{now}’")


def test_one_that_does_not_fit_stays_and_works_again_where_it_does(studio: OpenStudio) -> None:
    watches = studio.watches
    watches.add_watch(f"{F}.mean")
    watches.add_breakpoint(f"{F}.mean < 0.7")
    marks = watches.marks
    studio.open("next-word")
    outcome = watches.outcome(f"{F}.mean")
    assert isinstance(outcome.error, UnfittingError)
    assert outcome.fits
    assert watches.marks == ()
    assert not watches.stop_here()
    assert watches.watches == (f"{F}.mean",)
    studio.open("sentiment-lstm")
    assert watches.marks == marks


def test_a_breakpoint_at_a_token_is_put_and_taken(studio: OpenStudio) -> None:
    watches = studio.watches
    assert watches.toggle_at(3)
    assert watches.marks == (3,)
    assert not watches.toggle_at(3)
    assert watches.breakpoints == ()
    assert watches.toggle_at(80)  # there is no such token
    assert watches.breakpoints == ()


def test_editing_keeps_the_place_in_the_list(studio: OpenStudio) -> None:
    watches = studio.watches
    for text in ("position", "class", "entropy"):
        watches.add_watch(text)
    watches.edit_watch(1, "memory: lstm.0.forward.c.norm")
    assert watches.watches == ("position", "memory: lstm.0.forward.c.norm", "entropy")
    watches.edit_watch(2, "position")  # it is there already
    assert watches.watches == ("position", "memory: lstm.0.forward.c.norm")
    watches.remove_watch(0)
    assert watches.watches == ("memory: lstm.0.forward.c.norm",)
    watches.add_breakpoint("position == 1")
    watches.add_breakpoint("position == 2")
    watches.enable(1, False)
    watches.edit_breakpoint(1, "position == 3")
    assert watches.breakpoints == (Breakpoint("position == 1"), Breakpoint("position == 3", False))


def test_what_is_remembered_comes_back_even_if_it_cannot_be_read(studio: OpenStudio) -> None:
    watches = studio.watches
    watches.load(["position", "1 +", "position"], ["flips(class)", "nonsense <"], ["flips(class)"])
    assert watches.watches == ("position", "1 +")
    assert watches.breakpoints == (Breakpoint("flips(class)", False), Breakpoint("nonsense <"))
    assert not watches.outcome("1 +").fits
    assert watches.marks == ()
    watches.load([f"{number}" for number in range(500)], [], [])
    assert len(watches.watches) == MOST
    with pytest.raises(ExpressionError, match="already"):
        watches.add_watch("position")


def test_settings_have_a_place_for_them() -> None:
    settings = Settings()
    assert (settings.watches, settings.breakpoints, settings.disabled_breakpoints) == ([], [], [])


def test_nothing_is_worked_out_twice_for_one_trace(studio: OpenStudio) -> None:
    watches = studio.watches
    watches.add_watch(f"{C}.norm")
    first = watches.outcome(f"{C}.norm")
    studio.cursor.step(1)
    watches.add_watch("position")
    assert watches.outcome(f"{C}.norm") is first
    studio.type("not good")
    assert watches.outcome(f"{C}.norm") is not first


def test_before_there_is_a_model_they_are_read_only() -> None:
    from embstudio.studio import Studio

    watches = Watches(Studio(lambda request, lane: None, lambda lane: None))
    watches.load([f"{C}.norm"], ["flips(class)"], [])
    assert watches.outcome(f"{C}.norm").error is None
    assert watches.outcome(f"{C}.norm").series is None
    assert watches.marks == ()
    assert not watches.stop_here()


def test_a_layer_that_was_left_out_is_asked_for_once(open_model: OpenModel) -> None:  # noqa: F811
    studio = open_model("next-word", "Once upon a time")
    assert studio.trace is not None
    point = "blocks.3.attn.pattern"
    asked: list[int] = []
    studio.lacking.want_layer = asked.append  # type: ignore[method-assign]  # what would be asked of the worker
    arrays = {name: array for name, array in studio.trace.arrays.items() if name != point}
    for _ in range(2):
        studio.trace = replace(studio.trace, arrays=arrays, omitted={point: 1000})
        studio.trace_changed.emit()
        outcome = studio.watches.outcome(f"{point}.max")
        assert isinstance(outcome.error, UnfittingError)
        assert "no room" in outcome.error.what
    assert asked == [3]


def test_a_verdict_on_the_whole_text_is_asked_for_after_each_token(
    open_model: OpenModel,  # noqa: F811
    tmp_path: Path,
) -> None:
    studio = open_model(make_last_verdict(tmp_path), TURN)
    assert studio.prefixes.needed
    watches = studio.watches
    assert not any(isinstance(request, PrefixRequest) for request in studio.asked)  # nobody wants it yet
    watches.add_watch("p(1)")
    assert any(isinstance(request, PrefixRequest) for request in studio.asked)
    series = watches.outcome("p(1)").series
    whole = open_model("sentiment-lstm", TURN).watches.outcome("p(1)").series
    assert series is not None
    assert whole is not None
    assert series.known.all()
    np.testing.assert_allclose(series.values, whole.values, rtol=1e-5)


def test_what_the_window_paints_first_needs_no_numpy() -> None:
    import subprocess

    program = "import sys, embstudio.studio.watches; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr
