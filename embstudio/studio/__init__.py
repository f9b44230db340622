"""The open document: model, sentence, trace, cursor, and the verbs that change them."""

from embstudio.studio.document import Document as Document
from embstudio.studio.document import Notice as Notice
from embstudio.studio.document import Severity as Severity
from embstudio.studio.studio import FIRST_LOOK as FIRST_LOOK
from embstudio.studio.studio import Studio as Studio
from embstudio.studio.typed_input import AHEAD_BYTES as AHEAD_BYTES
from embstudio.studio.typed_input import are_token_ids as are_token_ids
