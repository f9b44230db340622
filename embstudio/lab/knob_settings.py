"""What the knobs of any bench say. No numpy: the window reads them before it is asked to train."""

from __future__ import annotations

from typing import Any, Protocol


class KnobSettings(Protocol):
    """A frozen dataclass with a field for each knob."""

    def check(self) -> None:
        """Raises InputError for settings nothing can be trained with."""
        ...

    def needs_reset(self, other: Any) -> tuple[str, ...]:
        """The knobs in which another one differs that take a beginning anew."""
        ...
