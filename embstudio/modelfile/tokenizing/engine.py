"""What the engines made from older files need beside their model: special tokens, and the frame around a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenizers import AddedToken, processors

from embstudio.modelfile.tokenizing.frames import BARE, Frame
from embstudio.modelfile.tokenizing.roles import content_of
from embstudio.modelfile.tokenizing.settings import ROLES, TokenizerSettings


def add_special(engine: Any, settings: TokenizerSettings, vocabulary: Mapping[str, int], frame: Frame | None) -> None:
    """Let the engine find special and added tokens inside a text, in one piece.

    Those of settings.stated are in the vocabulary, under the ids stated; those without an id are numbered on from it.
    """
    special: dict[str, AddedToken] = {}
    for role in ROLES:
        content = content_of(role.removesuffix("_token"), settings, vocabulary, frame)
        if content:
            # A mask stands for a word, and takes the blank before it along where nothing else is said.
            blank = settings.takes_blank(content)
            lstrip = role == "mask_token" if blank is None else blank
            special[content] = AddedToken(content, lstrip=lstrip, normalized=False)
    for content in (*settings.extra, *settings.stated):
        if content not in settings.plain:
            special.setdefault(content, AddedToken(content, normalized=False))
    known = sorted(special, key=lambda content: vocabulary.get(content, len(vocabulary)))
    engine.add_special_tokens([special[content] for content in known])
    engine.add_tokens(
        [AddedToken(content, normalized=False) for content in settings.stated if content in settings.plain]
    )


def set_frame(engine: Any, settings: TokenizerSettings, vocabulary: Mapping[str, int], frame: Frame) -> list[str]:
    """Put the frame's tokens around texts. Returns notes: a frame whose tokens the vocabulary lacks is left out."""
    contents = {role: content_of(role, settings, vocabulary, frame) for role in frame.roles}
    ids = {content: engine.token_to_id(content) for content in contents.values() if content}
    missing = [role for role, content in contents.items() if ids.get(content) is None]
    if missing:
        return [f"No tokens are put around a text: the vocabulary has none for {', '.join(sorted(missing))}."]
    if frame != BARE:
        single, pair = (
            [f"{_part(part, contents)}:{type_}" for part, type_ in frame.parts(both)] for both in (False, True)
        )
        engine.post_processor = processors.TemplateProcessing(
            single=single, pair=pair, special_tokens=list(ids.items())
        )
    return []


def _part(part: str, contents: Mapping[str, str]) -> str:
    return f"${part}" if part in ("A", "B") else contents[part]
