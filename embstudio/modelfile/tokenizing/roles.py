"""Finding the special tokens in a vocabulary by what they are for: named by the files beside it, or else by the
contents that are in use."""

from __future__ import annotations

from collections.abc import Container

from embstudio.modelfile.tokenizing.frames import BERT, FUNNEL, Frame
from embstudio.modelfile.tokenizing.settings import TokenizerSettings

_IN_USE = {
    "cls": ("[CLS]", "<cls>", "<s>"),
    "sep": ("[SEP]", "<sep>", "</s>"),
    "unk": ("[UNK]", "<unk>", "<|endoftext|>"),
    "pad": ("[PAD]", "<pad>"),
    "mask": ("[MASK]", "<mask>"),
    "bos": ("<s>", "<bos>", "<|startoftext|>", "<|endoftext|>"),
    "eos": ("</s>", "<eos>", "<|endoftext|>"),
}


def content_of(role: str, settings: TokenizerSettings, vocabulary: Container[str], frame: Frame | None = None) -> str:
    """The content of the token with a role ("cls"); "" where the vocabulary holds none that is known for it.

    What the settings name counts, in the vocabulary or not. frame: decides where a vocabulary holds both kinds of
    names (MPNet's has BERT's as well, and does not use them).
    """
    named = settings.token(f"{role}_token")
    if named:
        return named
    usual = _IN_USE.get(role, ())
    if role != "unk" and frame not in (None, BERT, FUNNEL):
        usual = tuple(sorted(usual, key=lambda content: content.startswith("[")))
    return next((content for content in usual if content in vocabulary), "")
