"""Every model of the zoo, opened as a person would open it: its numbers are PyTorch's, and hold against themselves."""

from __future__ import annotations

import pytest

from tests.conftest import ZOO
from tests.zoo.case import ZooCase, zoo_cases
from tests.zoo.misses import CAUSES
from tests.zoo.outcome import examine
from tests.zoo.recurrent import REFUSED, RecurrentCase, examine_recurrent, recurrent_cases

CASES = [pytest.param(case, id=case.name) for case in zoo_cases(ZOO)]


@pytest.mark.zoo
@pytest.mark.parametrize("case", CASES or [pytest.param(None, marks=pytest.mark.skip(reason="no zoo"))])
def test_a_model_of_the_zoo_is_opened_rightly(case: ZooCase) -> None:
    outcome = examine(case)
    if case.name in CAUSES:
        assert not outcome.right(case.exact), f"{case.name} is right: take it off the list of misses"
    else:
        assert outcome.right(case.exact), outcome


RECURRENT = [pytest.param(case, id=case.name) for case in recurrent_cases(ZOO)]


@pytest.mark.zoo
@pytest.mark.parametrize("case", RECURRENT or [pytest.param(None, marks=pytest.mark.skip(reason="no zoo"))])
def test_a_recurrent_model_of_the_zoo_is_opened_rightly(case: RecurrentCase) -> None:
    outcome = examine_recurrent(case)
    assert outcome.right is (case.name not in REFUSED), outcome
    if case.name in REFUSED:
        assert outcome.problem
    if "Cell" in case.name or case.name == "rnn-RNNtanh-1-dyn":
        assert outcome.steps == len(case.ids)
