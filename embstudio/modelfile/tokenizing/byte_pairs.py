"""vocab.json and merges.txt: byte-pair encoding over bytes (GPT-2, RoBERTa), or over characters with </w> (CLIP)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizing.engine import add_special, set_frame
from embstudio.modelfile.tokenizing.frames import BARE, BERT, ROBERTA, Frame, frame_of, untold
from embstudio.modelfile.tokenizing.library import LibraryTokenizer
from embstudio.modelfile.tokenizing.readable import BYTE_OF
from embstudio.modelfile.tokenizing.roles import content_of
from embstudio.modelfile.tokenizing.settings import TokenizerSettings
from embstudio.modelfile.tokenizing.vocabulary_table import table_of

FILE_NAME = "vocab.json"
MERGES = "merges.txt"
_WORD_END = "</w>"
_MOST_BYTES = 200  # of 256 letters; some vocabularies leave out bytes that no text in UTF-8 has

# How the families cut a text before the merges, where not as GPT-2; from their files in transformers.
_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CLIP = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def open_byte_pairs(path: Path, text: str) -> LibraryTokenizer:
    """The tokenizer of a vocab.json, the merges.txt and the settings beside it. Raises TokenizerError: damaged, of
    another kind, or without merges.txt."""
    settings = TokenizerSettings.beside(path)
    vocabulary = _vocabulary(path, text) | dict(settings.stated)
    merges = _merges(path.with_name(MERGES))
    notes: list[str] = []
    frame = frame_of(settings)
    if frame is None:
        frame = _guess_frame(settings, vocabulary)
        around = "those of RoBERTa" if frame == ROBERTA else "those of BERT" if frame == BERT else "none, as in GPT-2"
        notes.append(f"{untold(settings, FILE_NAME)}; the tokens around a text are taken to be {around}.")
    unknown = content_of("unk", settings, vocabulary, frame)
    ends = any(right.endswith(_WORD_END) for _, right in merges[:1000])
    over_bytes = not ends or sum(letter in vocabulary for letter in BYTE_OF) > _MOST_BYTES
    try:
        if ends:
            engine = _with_word_ends(vocabulary, merges, unknown, over_bytes, settings)
        else:
            engine = _with_bytes(vocabulary, merges, settings)
    except Exception as error:
        # The library raises bare Exception for a merge whose parts or result the vocabulary lacks.
        raise _unfit(path, str(error)) from error
    add_special(engine, settings, vocabulary, frame)
    notes += set_frame(engine, settings, vocabulary, frame)
    marks = ", ".join(mark for mark, so in (("bytes", over_bytes), ("word ends", ends)) if so)
    return LibraryTokenizer(path, engine, marks, vocabulary.get(unknown), tuple(notes))


def _with_bytes(vocabulary: dict[str, int], merges: list[tuple[str, str]], settings: TokenizerSettings) -> Any:
    engine = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    space = settings.flag("add_prefix_space") is True
    if settings.family in ("qwen2", "qwen3"):
        engine.normalizer = normalizers.NFC()
        engine.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(_QWEN2), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=space, use_regex=False),
        ])  # fmt: skip
    else:
        engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=space)
    engine.decoder = decoders.ByteLevel()
    return engine


def _with_word_ends(
    vocabulary: dict[str, int],
    merges: list[tuple[str, str]],
    unknown: str,
    over_bytes: bool,
    settings: TokenizerSettings,
) -> Any:
    engine = tokenizers.Tokenizer(models.BPE(
        vocabulary, merges, unk_token=unknown or None, end_of_word_suffix=_WORD_END, continuing_subword_prefix="",
    ))  # fmt: skip
    if over_bytes:  # CLIP
        engine.normalizer = normalizers.Sequence([
            normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase(),
        ])  # fmt: skip
        engine.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(_CLIP), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ])  # fmt: skip
    else:  # the first GPT
        engine.normalizer = normalizers.BertNormalizer(lowercase=settings.flag("do_lower_case") is not False)
        engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.decoder = decoders.BPEDecoder(suffix=_WORD_END)
    return engine


def _guess_frame(settings: TokenizerSettings, vocabulary: dict[str, int]) -> Frame:
    """The vocabularies of RoBERTa's kind begin with the tokens that stand around a text; GPT-2's has none."""
    if settings.token("cls_token") == "[CLS]":
        return BERT
    roberta = [vocabulary.get(content) for content in ("<s>", "<pad>", "</s>", "<unk>")] == [0, 1, 2, 3]
    return ROBERTA if roberta and "<mask>" in vocabulary else BARE


def _vocabulary(path: Path, text: str) -> dict[str, int]:
    table = table_of(text)
    if table is None:
        raise _unfit(path, "It is not a table of entries with their numbers.")
    return table


def _merges(path: Path) -> list[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise TokenizerError(
            f"A vocab.json needs the file {MERGES} beside it, and that could not be read.", where=str(path),
            detail=str(error), advice="Copy both files from where the model came from.",
        ) from error  # fmt: skip
    # The first line may name a version; a merge may itself begin with "#".
    pairs = [line.removesuffix("\r").split(" ") for line in lines if line.strip() and not line.startswith("#version")]
    if not all(len(pair) == 2 for pair in pairs):
        raise _unfit(path, f"A line of {MERGES} is no pair: {next(pair for pair in pairs if len(pair) != 2)}")
    return [(left, right) for left, right in pairs]


def _unfit(path: Path, detail: str) -> TokenizerError:
    return TokenizerError(
        "The vocabulary of this byte-pair encoding could not be read.", where=str(path), detail=detail[:300],
        advice="Choose the vocab.json that was saved with the model, with its own merges.txt beside it.",
    )  # fmt: skip
