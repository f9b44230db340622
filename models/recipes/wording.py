"""How a sentence becomes lower-cased words: once as a Python pattern, for large corpora, and once as a
tokenizers pipeline, for the shipped file. ``check_agreement`` holds the two together."""

from __future__ import annotations

import re

from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFC, Lowercase, Replace, Sequence
from tokenizers.pre_tokenizers import Split

UNKNOWN = "[UNK]"
# A word keeps its inner apostrophes (don't, o'clock), but the genitive 's stands alone; a number is a token.
WORD = r"[^\W\d_]+(?:'(?!s\b)[^\W\d_]+)*|'s\b|\d+"
ONIGURUMA_WORD = r"\p{L}+(?:'(?!s(?![\p{L}\d_]))\p{L}+)*|'s(?![\p{L}\d_])|\p{Nd}+"
MARK = r"[^\w\s]"  # one punctuation mark
ONIGURUMA_MARK = r"[^\p{L}\p{Nd}\s]"

_words = re.compile(WORD)
_words_and_marks = re.compile(f"{WORD}|{MARK}")


def lower(text: str) -> str:
    """The tokenizer's normalizer, for texts that are already in composed form (NFC)."""
    return text.lower().replace("’", "'")


def words(text: str) -> list[str]:
    """Lower-cased words and numbers; punctuation is dropped."""
    return _words.findall(lower(text))


def words_and_marks(text: str) -> list[str]:
    """Lower-cased words, numbers and single punctuation marks."""
    return _words_and_marks.findall(lower(text))


def word_tokenizer(vocabulary: list[str], *, marks: bool) -> Tokenizer:
    """A word-level tokenizer; ``vocabulary[0]`` must be the unknown word. ``marks``: keep punctuation."""
    assert vocabulary[0] == UNKNOWN
    assert len(set(vocabulary)) == len(vocabulary)
    pattern = f"{ONIGURUMA_WORD}|{ONIGURUMA_MARK}" if marks else ONIGURUMA_WORD
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token=UNKNOWN))
    tokenizer.normalizer = Sequence([NFC(), Replace("’", "'"), Lowercase()])
    tokenizer.pre_tokenizer = Split(Regex(pattern), behavior="removed", invert=True)
    return tokenizer


def check_agreement(tokenizer: Tokenizer, texts: list[str], split) -> float:
    """Share of ``texts`` on which the shipped tokenizer and the Python ``split`` give the same ids."""
    ids = tokenizer.get_vocab()
    same = [tokenizer.encode(text).ids == [ids.get(word, 0) for word in split(text)] for text in texts]
    return sum(same) / len(same)
