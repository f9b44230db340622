"""Whether a model is the same as before: a digest of everything that its vectors of texts depend on."""

from __future__ import annotations

import hashlib
import pickle

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session.pooling import Pooler


def digest_of(file: ModelFile, tokenizer: Tokenizer | None, pooler: Pooler) -> str:
    """SHA-256 of the model's files, its tokenizer's, and what is done with the tokens' vectors, wherever they lie.

    Raises ModelFileError for a file that is gone.
    """
    paths = [file.path, *(file.path.parent / name for name in sorted(file.external))]
    if tokenizer is not None and tokenizer.path.is_file():
        paths.append(tokenizer.path)
    found = hashlib.sha256()
    try:
        for path in dict.fromkeys(paths):
            with path.open("rb") as contents:
                found.update(hashlib.file_digest(contents, "sha256").digest())
    except OSError as error:
        raise ModelFileError(
            "A file of the model can no longer be read.", where=str(error.filename or file.path), detail=str(error),
            advice="Put it back, or give another model.",
        ) from error  # fmt: skip
    found.update(pickle.dumps(pooler.made_by))
    return found.hexdigest()
