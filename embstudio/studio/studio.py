"""The open document: model, sentence, trace, cursor. A few verbs, no maths, no Qt.

Verbs send requests; replies come back through `receive`. Nothing here waits. What is shown stays as it was until
its successor is complete: a model that cannot be opened or run leaves the one before in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import (
    Cells,
    CellsRequest,
    Embedded,
    EmbedRequest,
    Failed,
    GradientRequest,
    Gradients,
    Lens,
    ModelRef,
    Neighbours,
    NeighboursRequest,
    Opened,
    OpenRequest,
    Overview,
    Pooling,
    Prefixes,
    PrefixRequest,
    Reply,
    Request,
    Table,
    TableRequest,
    Traced,
    TraceRequest,
    Vectors,
    VectorsRequest,
)
from embstudio.session.replacement import say_replacements
from embstudio.stepper.cursor import Cursor, Place
from embstudio.stepper.probe import Probe
from embstudio.studio.bookmarks import Bookmarks
from embstudio.studio.cell_store import CellStore
from embstudio.studio.companions import Companions
from embstudio.studio.contexts import WordContexts
from embstudio.studio.devices import Devices
from embstudio.studio.document import Document, Notice, Severity
from embstudio.studio.embedding import Embedding
from embstudio.studio.gates import Gates
from embstudio.studio.gradients import GradientDesk
from embstudio.studio.holds import Holds
from embstudio.studio.kinship import Kinship
from embstudio.studio.lacking import Lacking
from embstudio.studio.ladder_vectors import LadderVectors
from embstudio.studio.lens_desk import LensDesk
from embstudio.studio.lesson_desk import LessonDesk
from embstudio.studio.model_tables import ModelTables
from embstudio.studio.near_row import NearRow
from embstudio.studio.paired_texts import PairedTexts
from embstudio.studio.parities import Parities
from embstudio.studio.prefixes import PrefixRuns
from embstudio.studio.sentence_trips import SentenceTrips
from embstudio.studio.typed_input import TypedInput, token_ids
from embstudio.studio.vector_sets import VectorSets
from embstudio.studio.vector_walk import VectorWalk
from embstudio.studio.watches import Watches
from embstudio.studio.writer import Writer
from embstudio.trace.readout import Readout

if TYPE_CHECKING:  # the window imports this file before numpy
    from embstudio.trace.trace import Trace

# A first look lands in the middle of the sentence, where there is something to see on both sides.
FIRST_LOOK = 0.6


class Studio:
    """State that every panel reads, and the verbs that change it.

    submit(request, lane): sends a request to the worker; a newer one in the same lane replaces an older one.
    cancel(lane): gives up what runs or waits in a lane.
    """

    def __init__(self, submit: Callable[[Request, str], object], cancel: Callable[[str], object]) -> None:
        self._submit = submit
        self._cancel = cancel
        self.document: Document | None = None
        self.sentence = ""
        self.second = ""  # the other sentence of a pair, or what the decoder has written, for models that take one
        self.trace: Trace | None = None
        self.vectors: Vectors | None = None
        self.neighbours: Neighbours | None = None
        self.writer = Writer(self)
        self.gradients = GradientDesk(self, submit, cancel)
        self.prefixes = PrefixRuns(submit, cancel)  # what the open model says after each token, if it must be asked
        self.cursor = Cursor()
        self.probe: Probe | None = None
        self.provider = ""
        self.busy = False

        self.document_changed: Signal[[]] = Signal()
        self.sentence_changed: Signal[[]] = Signal()
        self.trace_changed: Signal[[]] = Signal()
        self.vectors_changed: Signal[[]] = Signal()
        self.neighbours_changed: Signal[[]] = Signal()
        self.probe_changed: Signal[[]] = Signal()
        self.busy_changed: Signal[[]] = Signal()
        self.noticed: Signal[Notice] = Signal()
        self.tokenizer_wanted: Signal[ModelSource] = Signal()

        self.companions = Companions(self, submit, cancel)
        self.trace_changed.connect(self._begin_prefixes)  # before any panel
        self.busy_changed.connect(lambda: self.prefixes.pause() if self.busy else self.prefixes.resume())
        self.cells = CellStore(self, submit)
        self.holds = Holds(self, submit)
        self.watches = Watches(self)
        self.gates = Gates(self)
        self.vector_sets = VectorSets(self, submit)
        self.embedding = Embedding(self, submit)
        self.kinship = Kinship(self)
        self.near_row = NearRow(self, submit)
        self.model_tables = ModelTables(submit, cancel, lambda: self.provider)
        self.paired_texts = PairedTexts(submit, cancel, lambda: self.provider)
        self.ladder = LadderVectors(submit, cancel, lambda: self.provider)
        self.vector_walk = VectorWalk(self)
        self.bookmarks = Bookmarks()
        self.contexts = WordContexts(self, submit, cancel)
        self.trips = SentenceTrips(self)
        self.lessons = LessonDesk(self, submit, cancel)
        self.devices = Devices(self)
        self.parities = Parities(self, submit, cancel)
        self.cursor.changed.connect(self._carry_probe)  # before any panel: one that is seen has the last word
        self._typed_input = TypedInput(self)
        self._candidate: ModelSource | None = None
        self._candidate_opened: Opened | None = None
        self._tried = ""  # the sentence that the candidate was last asked to run
        self._reason: Notice | None = None  # why another model than the wanted one is shown, to be said with its trace
        self.ran: TraceRequest | None = None  # what the trace that is shown answers
        self.pooling: Pooling | None = None  # how the tokens' vectors become one; None: as the files beside say
        self.readout: Readout | None = None  # of the open model's classes, where the person chose one
        self._written = ""  # the last sentence in words, kept while a model without a tokenizer takes numbers
        self.lenses = LensDesk(self, submit)
        self.lacking = Lacking(self, submit, cancel)

    # Verbs -----------------------------------------------------------------------------------------------------

    def open(self, model: str | ModelSource) -> None:
        """Open a bundled name, a path or a source. The model before stays until this one has run the sentence."""
        try:
            source = catalogue.find(model) if isinstance(model, str) else model
        except StudioError as error:
            self.noticed.emit(Notice.of(error))
            self._fall_back(None, Notice.of(error))
            return
        self._candidate, self._candidate_opened = source, None
        self._reason = None
        self._set_busy(True)
        self._submit(OpenRequest(self._ref(source)), "open")

    def open_with_tokenizer(self, source: ModelSource, tokenizer: Path | None) -> None:
        """Go on opening a model that came without a tokenizer: with a file of the person's choice, or with token
        numbers (None)."""
        if tokenizer is not None:
            self.open(ModelSource(source.path, tokenizer, source.name))
        elif self._candidate is source and self._candidate_opened is not None:
            self._try_candidate(source, self._candidate_opened)

    def type(self, sentence: str) -> None:
        """Take a new sentence; the trace follows. With a model that has no tokenizer, numbers are token ids."""
        self.writer.forget()
        self.sentence = sentence
        self.sentence_changed.emit()
        if not sentence.strip():
            if self.trace is not None:
                self.noticed.emit(Notice(Severity.INFO, "Type a sentence to step through.", "The last one stays."))
            return
        if self._candidate is not None and self._candidate_opened is not None:
            self._try_candidate(self._candidate, self._candidate_opened)
        elif self.document is not None:
            self._run(self.document.opened, sentence)

    def type_second(self, text: str) -> None:
        """Take a new second text, where the open model takes one; the trace follows."""
        self.writer.forget()
        self.second = text
        self.sentence_changed.emit()
        if self.document is not None and self.document.opened.second and self.sentence.strip():
            self._run(self.document.opened, self.sentence)

    def stop(self) -> None:
        """Give up what is running; what is shown stays."""
        self._cancel("open")
        self._cancel("trace")
        self.gradients.stop()
        self.prefixes.stop()
        self.companions.stop()
        self.lacking.stop()
        given_up = self._candidate
        self._candidate = self._candidate_opened = None
        self._set_busy(False)
        if given_up is not None:
            self._fall_back(given_up, None)
            if self.document is None and self._candidate is None:
                self.noticed.emit(Notice(Severity.INFO, "No model is open.", "Choose one at the top left."))

    @property
    def opening(self) -> ModelSource | None:
        """The model that is on its way."""
        return self._candidate

    def point_at(self, probe: Probe | None) -> None:
        """Show one value in the inspector."""
        if probe != self.probe:
            self.probe = probe
            self.probe_changed.emit()

    def _carry_probe(self, place: Place, previous: Place) -> None:
        """Let the inspector go along with a step that no panel with a number of its own sees."""
        if self.probe is not None and self.trace is not None and place.token != previous.token:
            self.point_at(self.probe.carried(self.trace, previous.token, place.token))

    def want_vectors(self) -> None:
        """Ask for the picture of the open model's own vectors, unless it is there."""
        if self.document is not None and self.vectors is None and self.document.opened.anatomy.embeddings:
            self._submit(VectorsRequest(self.document.opened.model), "vectors")

    def want_neighbours(self) -> None:
        """Ask for the nearest words of each token of the sentence, unless they are there."""
        if self.document is None or self.trace is None or not self.document.opened.anatomy.embeddings:
            return
        ids = tuple(dict.fromkeys(token.id for token in self.trace.tokens))
        known = self.neighbours.ids if self.neighbours is not None else ()
        if not set(ids) <= set(known):
            self._submit(NeighboursRequest(self.document.opened.model, ids), "neighbours")

    def show_window(self, start: int) -> None:
        """Run the part from token `start` on, of a text that is longer than the model can take."""
        if self.ran is not None and self.trace is not None and self.trace.window is not None:
            self._submit_trace(replace(self.ran, start=start))

    def set_pooling(self, pooling: Pooling | None) -> None:
        """Make one vector of the tokens' in this way from now on; None: as the files beside the model say, if any."""
        if pooling == self.pooling:
            return
        self.pooling = pooling
        self.run_again(pooling=pooling)

    def set_readout(self, readout: Readout) -> None:
        """Read the scores of classes in this way while the model is open, where its graph does not tell the way."""
        if self.trace is not None and self.leaves_readout_open and self.trace.readout is not readout:
            self.readout = readout
            self.trace = replace(self.trace, readout=readout)
            self.trace_changed.emit()

    @property
    def leaves_readout_open(self) -> bool:
        """Whether the open model's graph ends in scores, and makes no probabilities of them itself."""
        head = self.document.opened.anatomy.head if self.document is not None else None
        return head is not None and head.readout is None

    def run_again(self, **changes: Any) -> None:
        """Run the same input anew, with some fields of its request changed, or with what `holds` makes of it."""
        if self.document is None or self.ran is None or self._candidate is not None:
            return
        if self.ran.text == self.sentence:
            self.send(replace(self.ran, **changes))
        else:  # another sentence was typed meanwhile
            self._run(self.document.opened, self.sentence)

    def send(self, request: TraceRequest) -> None:
        """Run an input whose text the sentence becomes."""
        self.sentence, self.second = request.text or "", request.second or ""
        self.sentence_changed.emit()
        self._submit_trace(request)

    # Replies ---------------------------------------------------------------------------------------------------

    def receive(self, reply: Reply) -> None:
        """Take an answer of the worker. Called on the thread that owns the studio."""
        if isinstance(reply, Traced):
            from embstudio.trace.by_token import by_token  # loads numpy, which the first paint must not wait for

            reply = replace(reply, trace=by_token(reply.trace))
        asides = (
            self.paired_texts, self.ladder, self.lessons, self.holds, self.companions, self.contexts, self.parities,
        )  # fmt: skip
        if any(aside.receive(reply) for aside in asides):
            return
        match reply:
            case Opened():
                self._opened(reply)
            case Traced() if reply.request is not None and reply.request.points:
                self.lacking.take_layer(reply, reply.request)
            case Traced():
                self._traced(reply)
            case Vectors() if self.document and reply.model == self.document.opened.model:
                self.vectors = reply
                self.vectors_changed.emit()
            case Neighbours() if reply.key:
                self.near_row.take(reply)
            case Neighbours() if self.document and reply.model == self.document.opened.model:
                self.neighbours = reply
                self.neighbours_changed.emit()
            case Lens():
                self.lenses.take(reply)
            case Overview():
                self.lacking.take_overview(reply)
            case Gradients() | Failed(request=GradientRequest()):
                self.gradients.take(reply)
                self.lacking.go_on()
            case Prefixes() | Failed(request=PrefixRequest()):
                self.prefixes.take(reply)
            case Cells() | Failed(request=CellsRequest()):
                self.cells.take(reply)
            case Table() | Failed(request=TableRequest()):
                self.model_tables.receive(reply)
                self.vector_sets.take(reply)
            case Embedded() | Failed(request=EmbedRequest()):
                self.embedding.take(reply)
            case Failed():
                self._failed(reply)
            case _:
                pass  # vectors or neighbours of a model that is no longer open

    def _opened(self, reply: Opened) -> None:
        source = self._candidate
        if source is None or reply.model != self._ref(source):
            return
        self._candidate_opened = reply
        if reply.tokenizer is None and reply.anatomy.ids_input is not None:
            self.tokenizer_wanted.emit(source)
        else:
            self._try_candidate(source, reply)

    def _try_candidate(self, source: ModelSource, opened: Opened) -> None:
        sentence = self.sentence
        if opened.tokenizer is None:
            if not token_ids(sentence):
                rows = opened.anatomy.embeddings[0].rows if opened.anatomy.embeddings else 10
                sentence = " ".join(str(id_) for id_ in range(min(8, rows)))
        elif token_ids(sentence) and self._written:
            sentence = self._written
        if not sentence.strip():
            card = source.card
            sentence = card.example_sentences[0] if card and card.example_sentences else "The dog was cute"
        self._tried = sentence
        self._run(opened, sentence)

    def _run(self, opened: Opened, sentence: str) -> None:
        request = self._typed_input.request(opened, sentence)
        if request is not None:
            self._submit_trace(request)

    def _submit_trace(self, request: TraceRequest) -> None:
        """Run an input, with the current layer whole."""
        self._set_busy(True)
        self.lacking.forget_layer()
        self.lacking.pause()
        self.gradients.pause()
        request = self.gates.prepare(self.holds.prepare(request))
        self._submit(replace(request, layer=self.cursor.layer), "trace")

    def _traced(self, reply: Traced) -> None:
        notes = reply.trace.notes
        if self._candidate is not None and self._candidate_opened and reply.model == self._candidate_opened.model:
            fault = self._candidate.card_fault
            notes = (*self._candidate_opened.notes, *((str(fault),) if fault is not None else ()), *notes)
            self._take_candidate(reply)
        elif self.document is None or reply.model != self.document.opened.model:
            return
        elif (corrected := self.writer.correction(reply)) is not None:
            self._reason = Notice(
                Severity.INFO,
                "The sentence as text would be read as other tokens, so the tokens were run as they are.",
                "Typing in the sentence reads it anew.",
            )
            self._submit_trace(corrected)
            return
        if reply.request is not None:  # what is held is always in sight
            notes = tuple(note for note in notes if note != say_replacements(reply.request.replacements))
        said = set(map(_without_numbers, self.trace.notes if self.trace is not None else ()))
        notes = tuple(note for note in notes if _without_numbers(note) not in said)  # while typing, each once
        self.ran = reply.request
        self.lacking.begin(reply)
        self._take_trace(reply.trace)
        self._set_busy(self._candidate is not None)
        self.lacking.go_on()
        if self._reason is not None:
            self.noticed.emit(self._reason)
            self._reason = None
        elif notes:  # in one notice: a second one would take the place of the first
            self.noticed.emit(self.devices.offer(Notice(Severity.WARNING, "\n".join(notes))))

    def _take_candidate(self, reply: Traced) -> None:
        assert self._candidate is not None
        assert self._candidate_opened is not None
        self.document = Document(self._candidate, self._candidate_opened)
        self.second = (reply.request.second or "") if reply.request is not None else ""
        self._candidate = self._candidate_opened = None
        if self.document.opened.tokenizer is not None:
            self._written = ""
        elif not token_ids(self.sentence):
            self._written = self.sentence
        self.trace = self.vectors = self.neighbours = self.pooling = self.readout = None
        self.writer.forget()
        self.point_at(None)
        # Another text than the one last tried was typed over: its successor is on its way.
        if reply.text == self._tried != self.sentence:
            self.sentence = self._tried
            self.sentence_changed.emit()
        self.document_changed.emit()

    def _take_trace(self, trace: Trace) -> None:
        assert self.document is not None
        self.cursor.confine(self.document.bounds(trace), token=self._landing(trace))
        self.writer.arrived()
        self.trace = trace if self.readout is None else replace(trace, readout=self.readout)
        self.trace_changed.emit()
        if self.probe is not None and not self.probe.fits(trace):
            self.point_at(None)

    def _begin_prefixes(self) -> None:
        if self.trace is not None and self.document is not None:
            self.prefixes.begin(self.trace, self.ran, self.document.opened)

    def _landing(self, trace: Trace) -> int:
        """Where the cursor goes in a new trace."""
        if self.writer.place is not None:
            return self.writer.place - len(trace.past)
        if (place := self.trips.landing(trace)) is not None:
            return place
        if self.trace is None and self.cursor.token == 0:
            return int(FIRST_LOOK * (len(trace) - 1))
        if self.trace is not None and self.cursor.token == len(self.trace) - 1:
            return len(trace) - 1  # who writes on at the end wants to see the end
        return self.cursor.token

    def _failed(self, reply: Failed) -> None:
        why, asked = self.devices.offer(Notice.of(reply.error), reply.error), reply.request
        self.holds.failed(asked)
        self.noticed.emit(why)
        if self.lacking.failed(asked):
            return
        if not isinstance(asked, OpenRequest | TraceRequest):
            self.lacking.go_on()
            return
        if self._candidate is None and self.trace is not None and self.writer.failed():
            self.sentence = self.trace.text  # what is shown stays, and so does its sentence
            self.sentence_changed.emit()
        self._reason = None
        failed = self._candidate
        if failed is None or asked.model != self._ref(failed):
            self._set_busy(failed is not None)
            self.lacking.go_on()
            return
        self._candidate = self._candidate_opened = None
        self._set_busy(False)
        self._fall_back(failed, why)
        self._catch_up(why)
        self.lacking.go_on()

    def _fall_back(self, failed: ModelSource | None, why: Notice | None) -> None:
        """Never an empty screen: when nothing is open or on its way and the wanted model fails, open the first
        bundled one. Why it is that one and not the wanted one is said again when it is there."""
        if self.document is None and self._candidate is None:
            default = next(iter(catalogue.bundled()), None)
            if default is not None and default != failed:
                self.open(default)
                self._reason = why

    def _catch_up(self, why: Notice) -> None:
        """Run what was typed while a model was opening that then failed: it went to that model only."""
        if self.document is None or self.trace is None or not self.sentence.strip():
            return
        if self.sentence != self.trace.text:
            self._run(self.document.opened, self.sentence)
            self._reason = why

    def _ref(self, source: ModelSource) -> ModelRef:
        return ModelRef(source.path, source.tokenizer, self.provider)

    def _set_busy(self, busy: bool) -> None:
        if busy != self.busy:
            self.busy = busy
            self.busy_changed.emit()


def _without_numbers(note: str) -> str:
    """What makes a note the same note for another text."""
    return re.sub(r"[\d,.]+", "#", note)
