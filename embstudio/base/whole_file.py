"""Writing a file so that it is always whole: the old contents or the new, never a part of either."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def write_whole(path: Path) -> Iterator[BinaryIO]:
    """`with write_whole(path) as out:` replaces `path` in one step when the block ends well, else leaves it as it was.

    Raises OSError where the folder cannot be written to.
    """
    # Made here and not by tempfile, whose files nobody else may read whatever the person's umask says.
    draft = path.parent / f"{path.name}.{secrets.token_hex(4)}.part"
    try:
        with draft.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
