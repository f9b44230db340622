"""What a formula of a claim can come to."""

from __future__ import annotations

import numpy as np

from embstudio.lessons.lesson import Run, Training

Value = float | str | bool | np.ndarray | Run | Training


class ValueFault(ValueError):
    """Values that a function cannot do with. The text says why."""
