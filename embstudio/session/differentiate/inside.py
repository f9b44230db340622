"""What the graphs inside a node are run with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import onnx
import onnxruntime

from embstudio.session.stop import Stop

if TYPE_CHECKING:  # a rule looks at a step, which holds this
    from embstudio.session.differentiate.rule import Rule

Open = Callable[[bytes], onnxruntime.InferenceSession]


@dataclass(frozen=True)
class Inside:
    """model: that the nodes are of. open_session, where: as for the model itself. stop: ends every run.
    rules: by operator.

    kept: what was made for one input and serves for the next, by whatever tells it apart.
    """

    model: onnx.ModelProto
    open_session: Open
    where: str
    stop: Stop
    rules: Mapping[str, Rule]
    kept: dict[Hashable, object] = field(default_factory=dict)
