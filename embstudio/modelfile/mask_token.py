"""Which token stands for a word to be guessed, in models that fill in masked words."""

from __future__ import annotations

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.roles import content_of
from embstudio.modelfile.tokenizing.settings import TokenizerSettings


def mask_id(tokenizer: Tokenizer) -> int | None:
    """The id of the mask: what the files beside the vocabulary name, else what is usual. None where there is none."""
    words = tokenizer.vocabulary
    try:
        settings = TokenizerSettings.beside(tokenizer.path)
    except TokenizerError:  # a damaged file beside a tokenizer that works without it
        settings = TokenizerSettings()
    content = content_of("mask", settings, frozenset(words))
    return words.index(content) if content and content in words else None
