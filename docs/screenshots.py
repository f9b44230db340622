"""Take the pictures of the documentation: `python docs/screenshots.py [NAME ...]` writes docs/images/NAME-THEME.png.

Each picture is the real program with its real worker, driven as a person would, without a screen (Qt draws the same
pixels on one). It keeps settings of its own; the person's are not touched.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
IMAGES = PROJECT / "docs" / "images"
THEMES = ("dark", "light")
PATIENCE_S = 240


@dataclass(frozen=True)
class Picture:
    """One view worth showing. panel: the dock to picture alone; "" is the whole window. place: where the cursor is."""

    name: str
    model: str
    text: str
    front: str
    panel: str = ""
    place: dict[str, int] = field(default_factory=dict)
    width: int = 1360
    height: int = 860
    scale: float = 1.0
    page: str = ""  # of the panel in front; "" is its first
    sampling: dict[str, float] = field(default_factory=dict)
    beside: tuple[str, ...] = ()  # models that read the sentence beside the open one
    choices: dict[str, str] = field(
        default_factory=dict
    )  # what is chosen in lists of the panel in front, by their names
    press: str = ""  # the name of a button there that is pressed then


SAMPLING = {"temperature": 1, "topK": 0}  # as the boxes start

TURN = "I expected to hate it but loved it"
LONG = "The dog that I adopted from the pound five years ago won the pet competition."
STORY = "Once upon a time, there was a little girl named Lily. She loved to play"

PICTURES = (
    Picture("main", "sentiment-lstm", TURN, "memory", place={"token": 4, "unit": 17}),
    Picture("transformer", "next-word", STORY, "attention", place={"token": 9, "layer": 3, "head": 1}),
    Picture("memory", "sentiment-lstm", TURN, "memory", "memory", {"token": 6, "unit": 17}),
    Picture("memory-rnn", "sentiment-rnn", LONG, "memory", "memory", {"token": 11}),
    Picture("attention", "next-word", STORY, "attention", "attention", {"token": 11, "layer": 2, "head": 2}),
    Picture(
        "attention-stages",
        "next-word",
        STORY,
        "attention",
        "attention",
        {"token": 11, "layer": 2, "head": 2},
        height=960,
        page="Stages",
    ),
    Picture("attention-heads", "next-word", STORY, "attention", "attention", {"layer": 2, "head": 2}, page="Heads"),
    Picture("layers", "next-word", STORY, "layers", "layers", {"token": 9, "layer": 3}),
    Picture(
        "gradient",
        "sentiment-lstm",
        LONG,
        "gradient",
        "gradient",
        {"token": 11},
        beside=("sentiment-rnn", "next-word"),
        choices={"GradientWhat": "words"},
    ),
    Picture("gradient-steps", "sentiment-rnn", LONG, "gradient", "gradient", {"token": 11}, page="Steps"),
    Picture("gradient-words", "sentiment-lstm", TURN, "gradient", "gradient", {"token": 7}, page="Which words"),
    Picture(
        "lanes",
        "sentiment-lstm",
        "The film was long but never boring",
        "lanes",
        "lanes",
        {"token": 4},
        beside=("sentiment-rnn", "next-word"),
    ),
    Picture("space", "words", "king queen man woman prince princess", "space", "space", {"token": 0}),
    Picture("space-distances", "words", "cat dog", "space", "space", height=1000, page="Distances"),
    Picture("space-analogy", "words", "king queen man woman", "space", "space", page="Analogy"),
    Picture("space-axes", "words", "he she bad good", "space", "space", page="Axes"),
    Picture("space-contexts", "masked-word", "She put all her money in the bank.", "space", "space", page="Contexts"),
    Picture("space-compare", "words", "king queen", "space", "space", page="Compare", press="compareGo"),
    Picture("lab", "words", "king queen", "lab", "lab", choices={"labPace": "full speed"}, press="labRun"),
    Picture("prediction-classes", "sentiment-lstm", TURN, "memory", "prediction", {"token": 7}),
    Picture("prediction-words", "next-word", STORY, "attention", "prediction", {"token": 13}, height=1000),
    Picture(
        "prediction-sampling",
        "next-word",
        STORY,
        "attention",
        "prediction",
        {"token": 16},
        height=1000,
        sampling={"temperature": 0.7, "topK": 5},
    ),
    Picture("inspector", "sentiment-lstm", TURN, "memory", "inspector", {"token": 6, "unit": 17}),
    Picture("anatomy", "next-word", STORY, "attention", "anatomy", {"layer": 3}),
    Picture("small-window", "next-word", LONG, "attention", width=1024, height=700, place={"token": 4}),
    Picture("large-text", "sentiment-lstm", "The film was not good", "memory", scale=1.6, place={"token": 3}),
)


def main(wanted: list[str]) -> None:
    """Take the pictures of the names given, or all."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDoubleSpinBox, QSpinBox, QTabBar

    from embstudio.gui.program import Program
    from embstudio.lab.messages import Standing
    from embstudio.session.worker_client import WorkerClient

    application = QApplication([])
    client = WorkerClient()
    client.start()

    def wait(done: Callable[[], bool]) -> None:
        """Handle events until something is so, then until what follows from it is painted. Raises TimeoutError."""
        limit = time.monotonic() + PATIENCE_S
        while not done():
            application.processEvents()
            if time.monotonic() > limit:
                raise TimeoutError("the window did not get there")
        calm = time.monotonic() + 0.3
        while time.monotonic() < calm:
            application.processEvents()

    def gradients_are_there(program: Program, picture: Picture) -> bool:
        scene = program.window.docks["gradient"].widget().scene
        asked = scene is not None and scene.trace is program.studio.trace
        models = len(picture.beside) + 1 if asked and picture.beside else 1
        return asked and scene.last == program.studio.cursor.token and len(scene.strands) >= models

    def asked_and_answered(program: Program) -> bool:
        page = program.window.docks["space"].widget().page
        return getattr(page, "lookup", page) is not None and not page.busy

    def trained(program: Program) -> bool:
        report = program.window.docks["lab"].widget().show_bench("Word2vec").report
        return report is not None and report.standing is Standing.FINISHED

    def take(program: Program, picture: Picture, theme: str) -> None:
        studio, window = program.studio, program.window
        program.theme.apply(theme, picture.scale)
        window.resize(picture.width, picture.height)
        studio.open(picture.model)
        wait(lambda: studio.document is not None and studio.document.source.name == picture.model and not studio.busy)
        for member in studio.companions.members:
            studio.companions.remove(member)
        for name in picture.beside:
            studio.companions.add(name)
        studio.type(picture.text)
        wait(lambda: studio.trace is not None and studio.trace.text == picture.text and not studio.busy)
        window.raise_panel(picture.front)
        studio.point_at(None)
        studio.cursor.move(**picture.place)
        on_map = picture.front == "space" and not picture.page
        wait(lambda: not on_map or (studio.vectors is not None and studio.neighbours is not None))
        wait(lambda: picture.front != "layers" or studio.lenses.of("", studio.cursor.token) is not None)
        front = window.docks[picture.front]
        pages = front.findChild(QTabBar, f"{picture.front.title()}Pages")
        if pages is not None:
            titles = [pages.tabText(at) for at in range(pages.count())]
            pages.setCurrentIndex(titles.index(picture.page) if picture.page else 0)
        wait(lambda: picture.front != "space" or not picture.page or asked_and_answered(program))
        wait(lambda: picture.front != "gradient" or gradients_are_there(program, picture))
        wait(lambda: picture.front != "lanes" or all(map(studio.companions.current, studio.companions.members)))
        for box in front.findChildren(QComboBox):
            if box.objectName() in picture.choices:
                box.setCurrentIndex(box.findText(picture.choices[box.objectName()]))
                box.activated.emit(box.currentIndex())
        if picture.press:
            front.findChild(QAbstractButton, picture.press).click()
            wait(lambda: picture.front != "space" or asked_and_answered(program))
            wait(lambda: picture.front != "lab" or trained(program))
        boxes = window.docks["prediction"].findChildren(QSpinBox) + window.docks["prediction"].findChildren(
            QDoubleSpinBox
        )
        for box in boxes:
            if box.objectName() in SAMPLING:
                box.setValue(picture.sampling.get(box.objectName(), SAMPLING[box.objectName()]))
        wait(lambda: True)
        shown = window.docks[picture.panel].widget() if picture.panel else window
        file = IMAGES / f"{picture.name}-{theme}.png"
        if not shown.grab().save(str(file)):
            raise OSError(f"{file} could not be written")
        print(file.relative_to(PROJECT))

    IMAGES.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            program = Program(application, client, Path(folder) / "settings.json")
            program.start()
            wait(lambda: program.studio.trace is not None and program.furnished)
            for picture in PICTURES:
                if not wanted or picture.name in wanted:
                    for theme in THEMES:
                        take(program, picture, theme)
            program.window.close()
    finally:
        client.close()


if __name__ == "__main__":
    main(sys.argv[1:])
