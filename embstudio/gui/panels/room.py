"""Room in a panel: only the page that is seen asks for it."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QStackedWidget


def give_room(stack: QStackedWidget) -> None:
    """Let no page that is hidden want room: its least size would make the panel scroll."""
    for place in range(stack.count()):
        seen = place == stack.currentIndex()
        policy = QSizePolicy.Policy.Preferred if seen else QSizePolicy.Policy.Ignored
        page = stack.widget(place)
        assert page is not None
        page.setSizePolicy(policy, policy)
