"""Files that hold vectors perhaps, but are not opened: what they are, and what to do instead."""

from __future__ import annotations

from embstudio.space.files.reading import Reading

_PROGRAM = "it could run any program when it is opened"
_KNOWN = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "Save its table with numpy.save."),
    (b"BZh", "packed with bzip2", "Unpack it with bunzip2."),
    (b"\xfd7zXZ\0", "packed with xz", "Unpack it with unxz."),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "Unpack it with unzstd."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it."),
    (b"GGUF", "a GGUF model", "Save its table of embeddings with numpy.save."),
    (b"SQLite format 3\0", "a database", "Save its table as CSV."),
    (b"\xff\xfe", "text in UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "text in UTF-16", "Save it as UTF-8."),
    (b"\x89PNG", "a picture", "Give the file with the numbers."),
)


def refuse(reading: Reading) -> None:
    """Raises VectorFileError for a file of a kind that is known and not read."""
    head = reading.head
    if head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        reading.fail(f"This is a Python pickle: {_PROGRAM}, so embstudio opens none.",
                     advice="gensim: kv.save_word2vec_format(FILE, binary=True); numpy: numpy.save.")  # fmt: skip
    for magic, what, advice in _KNOWN:
        if head.startswith(magic):
            reading.fail(f"This file is {what}, which embstudio does not read as vectors.", advice=advice)
