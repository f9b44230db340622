"""What the window asks of the worker and what comes back: frozen, self-contained, picklable.

A request holds everything it needs (the model's file among it), so that it can be repeated as it is in a new
worker when one has died. No onnx, onnxruntime or numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from embstudio.base.errors import StudioError
from embstudio.session.execution.parity import Parity, ParityRequest
from embstudio.session.messages.context import Contexts as Contexts
from embstudio.session.messages.context import ContextsRequest as ContextsRequest
from embstudio.session.messages.context import SentenceContexts as SentenceContexts
from embstudio.session.messages.gradient import CellGradients as CellGradients
from embstudio.session.messages.gradient import GradientRequest as GradientRequest
from embstudio.session.messages.gradient import Gradients as Gradients
from embstudio.session.messages.model import Finding as Finding
from embstudio.session.messages.model import ModelRef as ModelRef
from embstudio.session.messages.model import Opened as Opened
from embstudio.session.messages.model import OpenRequest as OpenRequest
from embstudio.session.messages.model import TokenizerInfo as TokenizerInfo
from embstudio.session.messages.pooling import Pooling as Pooling
from embstudio.session.messages.prefix import Prefixes as Prefixes
from embstudio.session.messages.prefix import PrefixRequest as PrefixRequest
from embstudio.session.messages.table import Lens as Lens
from embstudio.session.messages.table import LensRequest as LensRequest
from embstudio.session.messages.table import Neighbours as Neighbours
from embstudio.session.messages.table import NeighboursRequest as NeighboursRequest
from embstudio.session.messages.table import Table as Table
from embstudio.session.messages.table import TableRequest as TableRequest
from embstudio.session.messages.table import Vectors as Vectors
from embstudio.session.messages.table import VectorsRequest as VectorsRequest
from embstudio.session.messages.texts import Embedded as Embedded
from embstudio.session.messages.texts import EmbedRequest as EmbedRequest
from embstudio.session.messages.trace import Cells as Cells
from embstudio.session.messages.trace import CellsRequest as CellsRequest
from embstudio.session.messages.trace import Overview as Overview
from embstudio.session.messages.trace import OverviewRequest as OverviewRequest
from embstudio.session.messages.trace import Traced as Traced
from embstudio.session.messages.trace import TraceRequest as TraceRequest

Request = (
    OpenRequest
    | TraceRequest
    | OverviewRequest
    | VectorsRequest
    | TableRequest
    | EmbedRequest
    | NeighboursRequest
    | LensRequest
    | GradientRequest
    | PrefixRequest
    | CellsRequest
    | ContextsRequest
    | ParityRequest
)


@dataclass(frozen=True)
class Failed:
    """The request could not be met. The error says why in plain words."""

    request: Request
    error: StudioError = field(default_factory=lambda: StudioError("Something failed."))


Reply = (
    Opened
    | Traced
    | Overview
    | Vectors
    | Table
    | Embedded
    | Neighbours
    | Lens
    | Gradients
    | Prefixes
    | Cells
    | Contexts
    | Parity
    | Failed
)
