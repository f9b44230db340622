"""The sets of vectors that are open, and which of them one looks at: a file's, or the open model's own table.

The model's table lies in the worker; it comes here when somebody wants it, since it may be large. No numpy here: the
window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Failed, ModelRef, Request, Table, TableRequest
from embstudio.studio.document import Notice, Severity
from embstudio.studio.set_loading import SetLoading
from embstudio.studio.vector_making import Order, VectorMaking

if TYPE_CHECKING:
    from embstudio.space.files.options import LoadOptions
    from embstudio.space.mapped_file import MappedFile
    from embstudio.space.vector_set import VectorSet
    from embstudio.studio.studio import Studio

LANE = "table"


@dataclass(frozen=True, eq=False)
class OpenSet:
    """A file of vectors, read. options: how it was asked for. The same file read again is another one.

    made: there is no such file: the set was made in the window, and `path` is only its name. mapped: the file that the
    vectors still lie in, as it was when it was read."""

    path: Path
    set: VectorSet
    options: LoadOptions
    made: bool = False
    mapped: MappedFile | None = None

    @property
    def title(self) -> str:
        return f"{self.path.name}, {self.options.choice}" if self.options.choice else self.path.name


class VectorSets:
    """`active` is what one looks at; `changed` tells that it is another one, that it came, or that sets came or went.

    submit(request, lane): as `Studio` has it.
    """

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self.file_wanted: Signal[[]] = Signal()  # the person wants to name a file to be opened
        self.front_wanted: Signal[[]] = Signal()  # the person wants to see the set that is looked at
        self.open_sets: tuple[OpenSet, ...] = ()
        self.closed: tuple[Path, ...] = ()  # of files that were open the last time, to be read when somebody wants them
        self.chosen: OpenSet | None = None  # None: the open model's own table
        self.loading = SetLoading(self._add)
        self.making = VectorMaking(self._on_made)
        self._studio, self._submit = studio, submit
        self._table: Table | None = None
        self._asked: ModelRef | None = None
        self._refused = False
        studio.document_changed.connect(self._forget_table)

    @property
    def active(self) -> VectorSet | None:
        """The vectors one looks at; None where there are none, or they are the model's and have not come (`want`)."""
        return self.chosen.set if self.chosen is not None else self.own_table

    @property
    def own_table(self) -> VectorSet | None:
        """The open model's own table, if it has come."""
        there = self._table is not None and self._table.model == self._model
        return self._table.table if there and self._table is not None else None

    @property
    def is_model(self) -> bool:
        """Whether one looks at the open model's own table."""
        return self.chosen is None

    @property
    def title(self) -> str:
        """What is looked at, in a word or two."""
        document = self._studio.document
        return self.chosen.title if self.chosen is not None else document.source.title if document is not None else ""

    @property
    def waiting(self) -> bool:
        """Whether the model's table is on its way."""
        asked = self._asked is not None and self._asked == self._model
        return self.is_model and self.active is None and asked and not self._refused

    def want(self) -> None:
        """Ask for the model's table where that is looked at, unless it is there or on its way, or there is none."""
        document, model = self._studio.document, self._model
        if document is None or not self.is_model or self.active is not None or self._asked == model:
            return
        if document.opened.anatomy.embeddings:
            self._asked, self._refused = document.opened.model, False
            self._submit(TableRequest(document.opened.model), LANE)

    def choose(self, chosen: OpenSet | None) -> None:
        """Look at another set; None: at the open model's own table."""
        if chosen is not self.chosen and (chosen is None or chosen in self.open_sets):
            self.chosen = chosen
            self.changed.emit()

    def open(self, path: Path, options: LoadOptions | None = None) -> None:
        """Read a file and look at it, in the place of what was read of it before. Returns at once: see `loading`."""
        self.loading.open(path.expanduser().absolute(), options)

    def show(self, name: str, vectors: VectorSet) -> None:
        """Look at vectors that were made in the window, in the place of those of the same name, and go to them."""
        from embstudio.space.files.options import LoadOptions

        self._add(Path(name), LoadOptions(), vectors, made=True)
        self.front_wanted.emit()

    def restore(self, paths: Iterable[str]) -> None:
        """Name the files that were open the last time; each is read when it is chosen."""
        self.closed = tuple(Path(path) for path in paths)
        self.changed.emit()

    @property
    def paths(self) -> list[str]:
        """What `restore` takes."""
        return [*(str(each.path) for each in self.open_sets if not each.made), *map(str, self.closed)]

    def close(self, gone: OpenSet) -> None:
        """Let a set go, and what it takes of memory."""
        self.open_sets = tuple(each for each in self.open_sets if each is not gone)
        if self.chosen is gone:
            self.chosen = None
        self.changed.emit()

    def close_overwritten(self) -> None:
        """Let the sets go whose files were written into, and say so: their vectors are lost, and touching them can end
        the program."""
        for each in self.open_sets:
            if each.mapped is not None and not each.mapped.is_intact:
                self.close(each)
                self._studio.noticed.emit(Notice(
                    Severity.WARNING, f"{each.path.name} was written to while it was open, so it is closed.",
                    "Open it again once it is whole.",
                ))  # fmt: skip

    def forget(self, path: Path) -> None:
        """Do not name a file any more that is not open."""
        self.closed = tuple(each for each in self.closed if each != path)
        self.changed.emit()

    def _add(self, path: Path, options: LoadOptions, vectors: VectorSet, *, made: bool = False) -> None:
        from embstudio.space.mapped_file import MappedFile

        new = OpenSet(path, vectors, options, made, MappedFile.under(vectors.vectors))
        self.open_sets = (*(each for each in self.open_sets if each.path != path), new)
        self.closed = tuple(each for each in self.closed if each != path)
        self.chosen = new
        self.changed.emit()
        if vectors.notices:
            self._studio.noticed.emit(Notice(Severity.WARNING, f"{path.name}: " + "\n".join(vectors.notices)))

    def _on_made(self, order: Order, said: tuple[str, ...]) -> None:
        self.open(order.out)
        self._studio.noticed.emit(Notice(Severity.INFO, f"{order.out.name} is made: {'; '.join(said)}."))

    def take(self, reply: Table | Failed) -> None:
        """Take the worker's answer, if it is of the open model."""
        if isinstance(reply, Table):
            if reply.model != self._model:
                return
            self._table = reply
        elif reply.request.model == self._asked:
            self._refused = True
            self._studio.noticed.emit(Notice.of(reply.error))
        self.changed.emit()

    def _forget_table(self) -> None:
        self._table = self._asked = None  # the same file, opened again, may be another model
        self.changed.emit()

    @property
    def _model(self) -> ModelRef | None:
        document = self._studio.document
        return document.opened.model if document is not None else None
