"""Whether Qt can reach the screen, found out by trying. Run in a process of its own: Qt aborts where it cannot."""

from PySide6.QtGui import QGuiApplication


def report() -> int:
    """Print the name of the platform plugin that Qt loaded; returns the exit status."""
    application = QGuiApplication([])
    print(application.platformName())  # noqa: T201  # read by `embstudio check`
    return 0
