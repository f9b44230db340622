"""The running program: studio, window, worker and settings, and the dialogs that tie them together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox

from embstudio import __version__
from embstudio.base.errors import StudioError
from embstudio.base.examples import ExampleGroup, load_examples
from embstudio.base.paths import resources_dir
from embstudio.base.settings import load_settings, save_settings
from embstudio.gui.background import Background
from embstudio.gui.binding import bind
from embstudio.gui.button_keys import ButtonKeys
from embstudio.gui.main_window import MainWindow
from embstudio.gui.mapped_files import MappedFiles
from embstudio.gui.style.theme import Theme
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.worker_client import WorkerClient
from embstudio.studio import Notice, Severity, Studio, are_token_ids

# After the trace is painted, the space panel's picture and neighbours still come in.
SETTLE_MS = 1200
# Files are told by what is in them; the endings only help to find them.
_VECTORS = (
    "Vectors (*.txt *.vec *.bin *.tsv *.csv *.json *.npy *.npz *.parquet *.arrow *.feather *.safetensors *.gz);;"
    "All files (*)"
)
_MODEL_ENDINGS = (".onnx", ".ort", ".pb")
_TOKENIZERS = "Tokenizers (*.json *.txt *.model *.spm);;All files (*)"


def _is_vector_file(name: str) -> bool:
    """Whether what is named at the start is rather a file of vectors than a model."""
    path = Path(name)
    return path.suffix.lower() not in (*_MODEL_ENDINGS, "") and path.is_file()


class Program(QObject):
    """Builds the shell at once; `start` shows it and fills it."""

    def __init__(self, application: QApplication, client: WorkerClient, settings_file: Path) -> None:
        super().__init__()
        self._settings_file = settings_file
        self._numbers_given = False
        self.furnished = False  # whether the panels are in their docks
        self.settings, complaints = load_settings(settings_file)
        self.theme = Theme(application)
        self.theme.apply(self.settings.theme, self.settings.font_scale)
        self.background = Background(client, self)
        self.studio = Studio(self.background.submit, self.background.cancel)
        self.studio.provider = self.settings.provider
        kept = self.settings
        self.studio.vector_sets.loading.post = self.studio.vector_sets.making.post = self.background.post
        self.studio.vector_sets.restore(kept.vector_files)
        complaints += self.studio.bookmarks.restore(kept.bookmarks)
        self.studio.lessons.restore(kept.lesson_progress, kept.lesson_folders)
        self.studio.lessons.trainings.post = self.background.post
        self.studio.watches.load(kept.watches, kept.breakpoints, kept.disabled_breakpoints)
        examples: tuple[ExampleGroup, ...] = ()
        try:
            examples = load_examples(resources_dir() / "examples.toml")
        except StudioError as error:
            complaints.append(str(error))
        self.window = MainWindow(self.studio, self.theme, self.settings, examples)
        self.window.setWindowIcon(QIcon(str(resources_dir() / "icons" / "embstudio.svg")))
        self._button_keys = ButtonKeys(application)
        self._mapped_files = MappedFiles(self.studio.vector_sets, self)
        self._connect()
        for complaint in complaints:
            self.studio.noticed.emit(Notice(Severity.INFO, complaint))

    def start(self, model: str | None = None, text: str | None = None) -> None:
        """Show the shell, ask the worker for the model, and furnish the window after the first paint."""
        self.studio.sentence = text if text is not None else self.settings.sentence
        self._numbers_given = text is not None and are_token_ids(text)
        self.studio.sentence_changed.emit()
        self.window.show()
        self.window.chips.setFocus()  # the stepping keys work from the first moment
        if model is not None and _is_vector_file(model):
            self.open_vectors(model)
            model = None
        wanted = model or self.settings.model or self._default()
        self.studio.open(wanted)

    def once_settled(self, do: Callable[[], object]) -> None:
        """Call `do` once the first trace, and what follows from it, is painted."""

        def settled() -> None:
            disconnect()
            QTimer.singleShot(SETTLE_MS, do)

        disconnect = self.studio.trace_changed.connect(settled)

    def save_screenshot(self, path: Path) -> None:
        """Save a picture of the window as it is now, and say so where that fails."""
        if not self.window.grab().save(str(path)):
            self.studio.noticed.emit(Notice(Severity.ERROR, f"The picture could not be saved in {path}."))

    def _default(self) -> str:
        return next((source.name for source in catalogue.bundled()), "")

    def furnish(self) -> None:
        """Import and build the panels; done once, after the first paint."""
        # Imported here: these load numpy, which the first paint must not wait for.
        from embstudio.gui.lesson_guide import LessonGuide
        from embstudio.gui.panels.anatomy_panel import AnatomyPanel
        from embstudio.gui.panels.attention_panel import AttentionPanel
        from embstudio.gui.panels.gradient_panel import GradientPanel
        from embstudio.gui.panels.inspector_panel import InspectorPanel
        from embstudio.gui.panels.lab_panel import LabPanel
        from embstudio.gui.panels.lanes_panel import LanesPanel
        from embstudio.gui.panels.layers_panel import LayersPanel
        from embstudio.gui.panels.lessons_panel import LessonsPanel
        from embstudio.gui.panels.memory_panel import MemoryPanel
        from embstudio.gui.panels.panel import Panel
        from embstudio.gui.panels.prediction_panel import PredictionPanel
        from embstudio.gui.panels.space_panel import SpacePanel
        from embstudio.gui.panels.watches_panel import WatchesPanel

        panels: dict[str, Panel] = {
            "memory": MemoryPanel(self.studio, self.theme),
            "attention": AttentionPanel(self.studio, self.theme),
            "layers": LayersPanel(self.studio, self.theme),
            "gradient": GradientPanel(self.studio, self.theme),
            "lanes": LanesPanel(self.studio, self.theme),
            "space": SpacePanel(self.studio, self.theme),
            "prediction": PredictionPanel(self.studio, self.theme),
            "anatomy": AnatomyPanel(self.studio, self.theme),
            "inspector": InspectorPanel(self.studio, self.theme),
            "watches": WatchesPanel(self.studio, self.theme),
            "lab": LabPanel(self.studio, self.theme),
            "lessons": LessonsPanel(self.studio, self.theme),
        }
        self.window.furnish(panels)
        self.guide = LessonGuide(self.studio, self.theme, self.window)
        self.furnished = True

    def _connect(self) -> None:
        self.background.replied.connect(self.studio.receive)
        self.background.died.connect(self._on_died)
        window = self.window
        window.painted.connect(self.furnish)
        window.closing.connect(self._on_closing)
        window.file_wanted.connect(self._choose_model)
        window.vectors_wanted.connect(self._choose_vectors)
        window.making_wanted.connect(self._make_vectors)
        window.vectors_dropped.connect(self.open_vectors)
        window.save_trace_wanted.connect(self._save_trace)
        window.card_wanted.connect(self._show_card)
        window.parity_wanted.connect(self._show_parity)
        window.keys_wanted.connect(self._show_keys)
        window.about_wanted.connect(self._show_about)
        window.theme_wanted.connect(self._change_theme)
        window.text_size_wanted.connect(self._change_text_size)
        bind(self, self.studio.tokenizer_wanted, self._ask_tokenizer)
        bind(self, self.studio.vector_sets.file_wanted, self._choose_vectors)
        bind(self, self.studio.vector_sets.front_wanted, lambda: self.window.raise_panel("space"))
        bind(self, self.studio.vector_sets.making.wanted, self._make_vectors)
        bind(self, self.studio.document_changed, self._remember_model)
        self.studio.companions.restore(self.settings.companions)
        bind(self, self.studio.companions.changed, self._remember_companions)
        bind(self, self.studio.devices.changed, self._remember_provider)

    def _on_died(self, message: str) -> None:
        self.studio.noticed.emit(Notice(Severity.INFO, message))

    def _on_closing(self) -> None:
        self.window.transport.stop()
        self.window.store(self.settings)
        self.settings.sentence = self.studio.sentence
        self._store_lessons()
        self.studio.vector_sets.loading.close()
        self.studio.vector_sets.making.close()
        self.settings.vector_files = self.studio.vector_sets.paths
        self.settings.bookmarks = self.studio.bookmarks.texts
        watches = self.studio.watches
        self.settings.watches = list(watches.watches)
        self.settings.breakpoints = [each.text for each in watches.breakpoints]
        self.settings.disabled_breakpoints = [each.text for each in watches.breakpoints if not each.enabled]
        try:
            save_settings(self.settings, self._settings_file)
        except OSError as error:
            # Nobody reads a window that is closing; the settings of before are still whole.
            self.studio.noticed.emit(Notice(Severity.WARNING, f"The settings could not be saved: {error}"))

    def _store_lessons(self) -> None:
        """How far the person has come, and what they had before a lesson that is still open."""
        lessons = self.studio.lessons
        lessons.trainings.close()
        self.settings.lesson_progress, self.settings.lesson_folders = lessons.progress, lessons.folders
        if lessons.before is not None:
            self._remember(lessons.before.source)
            self.settings.sentence = lessons.before.sentence
            self.settings.layout = self.guide.layout or self.settings.layout

    def _remember_model(self) -> None:
        if self.studio.document is not None:
            self._remember(self.studio.document.source)

    def _remember(self, source: ModelSource) -> None:
        self.settings.model = source.name or str(source.path.resolve())
        if not source.name:
            self.settings.remember_recent(self.settings.model)

    def _remember_companions(self) -> None:
        self.settings.companions = self.studio.companions.names

    def _remember_provider(self) -> None:
        self.settings.provider = self.studio.provider

    def _choose_model(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open a model", "", "ONNX models (*.onnx);;All files (*)")
        if path:
            self.studio.open(path)

    def _choose_vectors(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self.window, "Open vectors", "", _VECTORS)
        for path in paths:
            self.open_vectors(path)

    def _make_vectors(self) -> None:
        """Ask of what, and begin."""
        from embstudio.gui.panels.space.making_dialog import MakingDialog  # loads numpy

        self.window.raise_panel("space")
        dialog = MakingDialog(self.studio, self.theme, self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def open_vectors(self, path: str) -> None:
        """Read a file of vectors and show it in the Space panel."""
        self.window.raise_panel("space")
        self.studio.vector_sets.open(Path(path))

    def _ask_tokenizer(self, source: ModelSource) -> None:
        if self._numbers_given:  # who starts the program with token numbers has answered already
            self._numbers_given = False
            self.studio.open_with_tokenizer(source, None)
            return
        question = QMessageBox(self.window)
        question.setObjectName("askTokenizer")
        question.setWindowTitle("No tokenizer beside the model")
        question.setText(f"There is no tokenizer beside {source.path.name}.")
        question.setInformativeText(
            "The model reads token numbers; a tokenizer turns words into them. Choose the file that belongs to this "
            "model (tokenizer.json, vocab.txt, vocab.json or a SentencePiece model), or go on with numbers."
        )
        choose = question.addButton("Choose tokenizer…", QMessageBox.ButtonRole.AcceptRole)
        numbers = question.addButton("Use token numbers", QMessageBox.ButtonRole.ActionRole)
        question.addButton(QMessageBox.StandardButton.Cancel)

        def answered() -> None:
            clicked = question.clickedButton()
            if clicked is choose:
                self._choose_tokenizer(source)
            elif clicked is numbers:
                self.studio.open_with_tokenizer(source, None)
            else:
                self.studio.stop()

        question.finished.connect(lambda _result: answered())
        question.open()

    def _choose_tokenizer(self, source: ModelSource) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Choose the tokenizer", str(source.path.parent), _TOKENIZERS)
        if path:
            self.studio.open_with_tokenizer(source, Path(path))
        else:
            self.studio.stop()

    def _save_trace(self) -> None:
        if self.studio.trace is None:
            return
        path, _ = QFileDialog.getSaveFileName(self.window, "Save the trace", "trace.npz", "Traces (*.npz)")
        if path:
            self.save_trace(Path(path))

    def save_trace(self, path: Path) -> None:
        """Write the trace that is shown, with all it can hold, and say so or say why not."""
        from embstudio.trace.trace import save_trace

        if self.studio.trace is None:
            return
        if self.studio.trace.unasked:  # gates that nobody looked at: it is run once more with them
            self._save_when_whole(path)
            return
        try:
            save_trace(self.studio.trace, path)
            self.studio.noticed.emit(Notice(Severity.INFO, f"The trace is saved in {path}."))
        except StudioError as error:
            self.studio.noticed.emit(Notice.of(error))

    def _save_when_whole(self, path: Path) -> None:
        """Run what is shown once more, with gates, and save that; if it does not come, say so and save nothing."""
        from embstudio.trace.joined import same_input

        studio, shown = self.studio, self.studio.trace
        assert shown is not None

        def go_on() -> None:
            if studio.busy:
                return
            disconnect()
            studio.gates.show("save", False)
            trace = studio.trace
            if trace is not None and not trace.unasked and same_input(trace, shown):
                self.save_trace(path)
            else:
                studio.noticed.emit(Notice(
                    Severity.WARNING, "The trace was not saved: its gates had to be run first, and they did not come.",
                    "Open the Memory panel, wait until it shows them, and save again.",
                ))  # fmt: skip

        disconnect = studio.busy_changed.connect(go_on)
        studio.gates.show("save", True)
        go_on()

    def _show_card(self) -> None:
        from embstudio.gui.model_card import ModelCard

        if self.studio.document is not None:
            ModelCard(self.studio, self.theme, self.window).open()

    def _show_parity(self) -> None:
        from embstudio.gui.parity.dialog import ParityDialog

        if self.studio.document is not None:
            dialog = ParityDialog(self.studio, self.theme, self.window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.show()

    def _show_keys(self) -> None:
        """Those of the menus, in their order, then those of the panels."""
        menus = [action.menu() for action in self.window.menuBar().actions()]
        actions = [action for menu in menus if isinstance(menu, QMenu) for action in menu.actions()]
        actions += [action for action in self.window.findChildren(QAction) if action not in actions]
        keys = [
            f"<tr><td><b>{action.shortcut().toString()}</b></td><td>&nbsp; {action.text().replace('&', '')}</td></tr>"
            for action in actions
            if not action.shortcut().isEmpty()
        ]
        self._tell("Keys", f"<table>{''.join(keys)}</table>")

    def _show_about(self) -> None:
        self._tell(
            "About embstudio",
            f"<h3>embstudio {__version__}</h3><p>A step debugger for language models. Every number on the screen is "
            "the model's own: run by onnxruntime, or worked out from its weights and checked.</p>"
            "<p>MIT licence. Nothing you type leaves this machine.</p>",
        )

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(self.window)
        box.setWindowTitle(title)
        box.setText(text)
        box.open()

    def _change_theme(self, name: str) -> None:
        self.settings.theme = name
        self.theme.apply(name)

    def _change_text_size(self, scale: float) -> None:
        self.theme.apply(self.theme.colours.name, scale)
        self.settings.font_scale = self.theme.scale
