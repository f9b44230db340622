"""vocab.txt of models that read letters one by one, as protein models read amino acids (ESM, Lin et al. 2023)."""

from __future__ import annotations

import re
from pathlib import Path

import tokenizers
from tokenizers import Regex, models, pre_tokenizers

from embstudio.modelfile.tokenizing.engine import add_special, set_frame
from embstudio.modelfile.tokenizing.frames import ESM, frame_of, untold
from embstudio.modelfile.tokenizing.library import LibraryTokenizer
from embstudio.modelfile.tokenizing.settings import TokenizerSettings

_UNKNOWN = "<unk>"


def is_of_letters(text: str) -> bool:
    """Whether each entry of a vocabulary is one letter, except for special ones in <>, one of them for the unknown."""
    entries = text.split()
    return _UNKNOWN in entries and all(len(entry) == 1 or re.fullmatch(r"<\w+>", entry) for entry in entries)


def open_letters(path: Path, text: str) -> LibraryTokenizer:
    """The tokenizer of such a vocabulary and the settings beside it. Raises TokenizerError for damaged settings."""
    settings = TokenizerSettings.beside(path)
    vocabulary = {entry: id_ for id_, entry in enumerate(text.split())} | dict(settings.stated)
    engine = tokenizers.Tokenizer(models.WordLevel(vocabulary, unk_token=_UNKNOWN))
    known = "|".join(re.escape(entry) for entry in sorted(vocabulary, key=len, reverse=True))
    engine.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(known), behavior="isolated"),
    ])  # fmt: skip
    told = frame_of(settings)
    frame = told or ESM
    notes = [] if told else [f"{untold(settings, path.name)}; it is read as ESM's."]
    add_special(engine, settings, vocabulary, frame)
    notes += set_frame(engine, settings, vocabulary, frame)
    return LibraryTokenizer(path, engine, "", vocabulary[_UNKNOWN], tuple(notes))
