"""What tests of lessons share: a small lesson as text, and reading it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from embstudio.lessons.lesson import Lesson
from embstudio.lessons.loader import read_lesson

SMALL = '''format = 1
title = "Small"
summary = "One step."

[vectors]
cat = [0.2, 0.8, 0.1]
dog = [0.7, 0.3, 0.9]

[runs.noted]
model = "toy-lstm"
text = "The dog that I adopted from the pound five years ago won the pet competition."

[claims]
steps = ["steps_between(noted, 'dog', 'won')", 10]

[[step]]
title = "Far"
text = """
The line is {line}, the way {steps} steps.
"""
[step.claims]
line = ["euclidean(cat, dog)", 1.0677, "4 digits"]
'''

Read = Callable[[str], Lesson]


@pytest.fixture
def small() -> str:
    """The text of a lesson in which all is so."""
    return SMALL


@pytest.fixture
def read() -> Read:
    """read(text) is the lesson."""
    return lambda text: read_lesson(text, Path("lesson.toml"))
