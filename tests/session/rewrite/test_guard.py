from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base.errors import InputError
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner


@pytest.mark.zoo
def test_an_input_of_the_other_branch_is_refused_in_words(zoo: Path) -> None:
    """A single token takes the branch that was not opened up; two take the one that was."""
    model = ModelRef(zoo / "_deployed" / "sub-if-shape" / "model.onnx")
    runner = Runner.open(model)
    assert any("chooses between two computations" in said for said in runner.opened.repairs)
    assert runner.trace(TraceRequest(model, ids=(3, 4))).arrays
    with pytest.raises(InputError, match="takes a branch that was not opened up"):
        runner.trace(TraceRequest(model, ids=(3,)))
