"""States kept to go back to, in memory and in a file."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.lab.bench import State
from embstudio.lab.kept_states import KeptStates


def state(epoch: int) -> State:
    return State(epoch, (np.full((4, 3), epoch, np.float32), np.arange(epoch, dtype=np.float64)), f"facts {epoch}")


def with_five(room: int) -> KeptStates:
    kept = KeptStates(room)
    for epoch in range(5):
        kept.keep(state(epoch))
    return kept


@pytest.mark.parametrize("room", [10_000, 100, 0], ids=["in memory", "partly", "in a file"])
def test_every_state_comes_back_as_it_was(room: int) -> None:
    kept = with_five(room)
    assert kept.epochs == (0, 1, 2, 3, 4)
    for epoch in (3, 0, 4):
        found = kept.at(epoch)
        assert found.facts == f"facts {epoch}"
        assert all(np.array_equal(*pair) for pair in zip(found.arrays, state(epoch).arrays, strict=True))
    kept.close()


@pytest.mark.parametrize("room", [10_000, 0])
def test_another_way_on_takes_the_place_of_the_old_one(room: int) -> None:
    kept = with_five(room)
    kept.keep(State(2, (np.zeros(1),), "new"))
    assert kept.epochs == (0, 1, 2)
    assert kept.at(2).facts == "new"
    assert kept.at(9).facts == "new"  # the last one before
    kept.close()


def test_nothing_is_kept_before_the_first() -> None:
    with pytest.raises(KeyError):
        KeptStates().at(0)
