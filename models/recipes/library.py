"""The texts a recipe reads, from the data folder given by ``--data``. Reads only; no text is kept here."""

from __future__ import annotations

import lzma
import re
from pathlib import Path

NOVEL_HEAD = re.compile(r"^=== (.+)\.txt ===$", re.MULTILINE)


def read_text(path: Path) -> str:
    """A text file's contents. The data folder keeps large files xz-compressed, sometimes under a .gz name."""
    for candidate in (path, path.with_name(path.name + ".xz"), path.with_suffix(".xz")):
        if candidate.exists():
            raw = candidate.read_bytes()
            break
    else:
        raise FileNotFoundError(f"{path} (nor an .xz beside it)")
    if raw[:6] == b"\xfd7zXZ\x00":
        raw = lzma.decompress(raw)
    elif raw[:2] == b"\x1f\x8b":
        import gzip

        raw = gzip.decompress(raw)
    return raw.decode("utf-8", errors="replace")


def novels(data: Path) -> dict[str, str]:
    """The novels by name, such as ``Burnett_Garden_1911``."""
    parts = NOVEL_HEAD.split(read_text(data / "wordvec/english_novels_98.txt"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def fairy_tales(data: Path) -> list[str]:
    """FairytaleQA's 278 tales, in the file's order."""
    tales = read_text(data / "lm/fairytaleqa_stories.txt").split("<|endofstory|>")
    return [tale.strip() for tale in tales if tale.strip()]
