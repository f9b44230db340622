"""Finding the tokenizer that belongs to a model, and opening whichever kind of file a person gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing import byte_pairs, letters, tokenizer_json, word_piece
from embstudio.modelfile.tokenizing.sentence_piece import open_sentence_piece
from embstudio.modelfile.tokenizing.settings import ADDED, CONFIG, SPECIAL, TokenizerSettings
from embstudio.modelfile.tokenizing.utf8_bytes import OF_FAMILY, ByteTokenizer
from embstudio.modelfile.tokenizing.vocabulary_table import table_of

# What models are published with.
_SENTENCE_PIECE = ("spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "spm.model", "sentencepiece.model",
                   "source.spm")  # fmt: skip
_SETTINGS = (CONFIG, SPECIAL, ADDED)


def find_tokenizer(model_path: Path) -> Path | None:
    """The file of the tokenizer beside a model, in tokenizer/ beside it, or the same one folder up (the layout
    onnx/model.onnx); None if there is none. The nearest folder counts, and in it the file that says most."""
    return next((path for place in _places(model_path) for path in _candidates(place)), None)


def find_and_open(model_path: Path, given: Path | None = None) -> Tokenizer | None:
    """The tokenizer that is given, or lies where `find_tokenizer` looks; None if there is none there.

    Raises TokenizerError as `open_tokenizer` does, except for what lies a folder up: that may be another model's, and
    is left alone where it cannot be read.
    """
    if given is not None:
        return open_tokenizer(given)
    for place in _places(model_path):
        for path in _candidates(place):
            try:
                return open_tokenizer(path)
            except TokenizerError:
                if model_path.parent in (place, place.parent):
                    raise
    return None


def _places(model_path: Path) -> tuple[Path, ...]:
    folder, above = model_path.parent, model_path.parent.parent
    return folder, folder / "tokenizer", above, above / "tokenizer"


def open_tokenizer(path: Path) -> Tokenizer:
    """Read a tokenizer.json, vocab.txt, vocab.json with merges.txt, SentencePiece model, a file of settings beside one
    of them, or a folder with one. Raises TokenizerError: missing, unreadable, or not a tokenizer."""
    if path.is_dir() or path.name in _SETTINGS:
        return _of_folder(path if path.is_dir() else path.parent)
    if path.name == byte_pairs.MERGES:
        path = path.with_name(byte_pairs.FILE_NAME)
    contents = _read(path)
    if path.suffix == ".model" or path.suffix == ".spm":
        return open_sentence_piece(path, contents)
    try:
        text = contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if path.suffix == ".json" and path.name != byte_pairs.FILE_NAME:
            raise tokenizer_json.not_a_tokenizer(path, str(error)) from error
        raise TokenizerError(
            "This vocabulary is not text in UTF-8: it is damaged, or something else.", where=str(path),
            detail=str(error), advice="Copy or download it again.",
        ) from error  # fmt: skip
    if path.suffix == ".txt":
        return (
            letters.open_letters(path, text) if letters.is_of_letters(text) else word_piece.open_word_piece(path, text)
        )
    if path.name != tokenizer_json.FILE_NAME and (path.name == byte_pairs.FILE_NAME or table_of(text) is not None):
        return byte_pairs.open_byte_pairs(path, text)
    return tokenizer_json.open_tokenizer_json(path, text)


def _of_folder(folder: Path) -> Tokenizer:
    found = next(_candidates(folder), None)
    if found is None:
        raise TokenizerError(
            "There is no tokenizer in this folder.", where=str(folder),
            advice="Choose its tokenizer.json, vocab.txt, vocab.json or SentencePiece model.",
        )  # fmt: skip
    if found.name == CONFIG:  # of a model that needs nothing else
        return ByteTokenizer(found, OF_FAMILY[TokenizerSettings.beside(found).family])
    return open_tokenizer(found)


def _candidates(folder: Path) -> Iterator[Path]:
    """The files of a folder that tell how to read a text, the one that says most first."""
    for name in (tokenizer_json.FILE_NAME, *_SENTENCE_PIECE):
        if (folder / name).is_file():
            yield folder / name
    if (folder / byte_pairs.FILE_NAME).is_file() and (folder / byte_pairs.MERGES).is_file():
        yield folder / byte_pairs.FILE_NAME
    if (folder / word_piece.FILE_NAME).is_file():
        yield folder / word_piece.FILE_NAME
    if (folder / CONFIG).is_file() and TokenizerSettings.beside(folder / CONFIG).family in OF_FAMILY:
        yield folder / CONFIG


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TokenizerError(
            "There is no such tokenizer file.", where=str(path),
            advice="Choose the tokenizer.json that belongs to the model.",
        ) from error  # fmt: skip
    except OSError as error:
        raise TokenizerError(
            "The tokenizer file could not be read.", where=str(path), detail=str(error),
            advice="Choose a file, not a folder, that you may read.",
        ) from error  # fmt: skip
