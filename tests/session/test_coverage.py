"""Every model of the zoo, opened as a person would open it: its numbers are PyTorch's, and hold against themselves."""

from __future__ import annotations

import pytest

from tests.conftest import ZOO
from tests.zoo.case import ZooCase, zoo_cases
from tests.zoo.misses import CAUSES
from tests.zoo.outcome import examine

CASES = [pytest.param(case, id=case.name) for case in zoo_cases(ZOO)]


@pytest.mark.zoo
@pytest.mark.parametrize("case", CASES or [pytest.param(None, marks=pytest.mark.skip(reason="no zoo"))])
def test_a_model_of_the_zoo_is_opened_rightly(case: ZooCase) -> None:
    outcome = examine(case)
    if case.name in CAUSES:
        assert not outcome.right(case.exact), f"{case.name} is right: take it off the list of misses"
    else:
        assert outcome.right(case.exact), outcome
