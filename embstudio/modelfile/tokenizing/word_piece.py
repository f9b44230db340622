"""vocab.txt: BERT's WordPiece, one entry a line, numbered from 0 (Devlin et al. 2018, its tokenization.py)."""

from __future__ import annotations

from pathlib import Path

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizing.engine import add_special, set_frame
from embstudio.modelfile.tokenizing.frames import BERT, frame_of, untold
from embstudio.modelfile.tokenizing.library import LibraryTokenizer
from embstudio.modelfile.tokenizing.roles import content_of
from embstudio.modelfile.tokenizing.settings import TokenizerSettings

FILE_NAME = "vocab.txt"


def open_word_piece(path: Path, text: str) -> LibraryTokenizer:
    """The tokenizer of a vocab.txt and the settings beside it. Raises TokenizerError: damaged, or of another kind."""
    settings = TokenizerSettings.beside(path)
    # Only line feeds end an entry: entries themselves may be other characters that Unicode counts as line ends.
    entries = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    vocabulary = {entry: id_ for id_, entry in enumerate(entries)} | dict(settings.stated)
    unknown = content_of("unk", settings, vocabulary)
    if not unknown or unknown not in vocabulary:
        raise TokenizerError(
            "This is not a WordPiece vocabulary: it has no entry that stands for unknown words.", where=str(path),
            detail=f"{len(entries)} lines, the first of them {entries[0][:40]!r}",
            advice="Choose the vocab.txt with one entry a line that was saved with the model.",
        )  # fmt: skip
    notes = []
    lowercase = settings.flag("do_lower_case")
    if lowercase is None:
        lowercase, note = _guess_case(entries)
        notes.append(note)
    engine = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token=unknown, max_input_chars_per_word=100))
    chinese = settings.flag("tokenize_chinese_chars")
    engine.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=chinese is not False, strip_accents=settings.flag("strip_accents"),
        lowercase=lowercase,
    )  # fmt: skip
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.decoder = decoders.WordPiece()
    frame = frame_of(settings)
    if frame is None:
        frame = BERT
        if settings.family or not {"[CLS]", "[SEP]"} <= vocabulary.keys():
            notes.append(f"{untold(settings, path.name)}; it is read as BERT's.")
    add_special(engine, settings, vocabulary, frame)
    notes += set_frame(engine, settings, vocabulary, frame)
    return LibraryTokenizer(path, engine, "", vocabulary[unknown], tuple(notes))


def _guess_case(entries: list[str]) -> tuple[bool, str]:
    """Whether texts are to be put into small letters, seen by whether the vocabulary has capitals at all."""
    words = [entry for entry in entries if not entry.startswith(("[", "<"))]
    capitals = any(entry != entry.lower() for entry in words)
    case = (
        "capitals are kept: the vocabulary has some"
        if capitals
        else "texts are put into small letters, as all of it is"
    )
    return not capitals, f"Nothing beside vocab.txt says how to treat capital letters; {case}."
