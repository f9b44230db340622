"""From SentencePiece's own numbers of pieces to the ids of the model: not all models kept them.

Models first trained with fairseq (XLM-R, mBART, CamemBERT) have fairseq's four special tokens in front, so that their
ids are shifted; Pegasus has 103 sentence-masking tokens there. The numbers are those of transformers' tokenizers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embstudio.modelfile.tokenizing.settings import ROLES, TokenizerSettings

_MBART = (
    "ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX", "kk_KZ",
    "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN", "zh_CN",
)  # fmt: skip


@dataclass(frozen=True)
class Shift:
    """first: contents of the ids before the pieces. offset: of all other pieces. after: contents after the last."""

    first: tuple[str, ...] = ()
    offset: int = 0
    after: tuple[str, ...] = ()


_FAIRSEQ = ("<s>", "<pad>", "</s>", "<unk>")
_SHIFTS = {
    "xlmroberta": Shift(_FAIRSEQ, 1, ("<mask>",)),
    "xlmrobertaxl": Shift(_FAIRSEQ, 1, ("<mask>",)),
    "mbart": Shift(_FAIRSEQ, 1, (*_MBART, "<mask>")),
    "mbart50": Shift(_FAIRSEQ, 1),
    "nllb": Shift(_FAIRSEQ, 1),
    "xglm": Shift(_FAIRSEQ, 1, tuple(f"<madeupword{number}>" for number in range(7))),
    "debertav2": Shift(after=("[MASK]",)),
    "camembert": Shift(("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"), 4, ("<mask>",)),
    "pegasus": Shift(("<pad>", "</s>", "<mask_1>", "<mask_2>", *(f"<unk_{n}>" for n in range(2, 103))), 103),
}
_EXTRA_IDS = 100  # T5's, where nothing says how many


def ids_of_pieces(
    pieces: Sequence[str], unknown: int, settings: TokenizerSettings, table: Mapping[str, int] | None = None
) -> tuple[list[int], dict[str, int]]:
    """(id of each of SentencePiece's numbers, ids of what stands beside its pieces by content).

    pieces: by SentencePiece's numbers; unknown: its number for what it does not know. What stands beside is found whole
    inside a text; settings.stated overrules what the family tells. table: the ids by piece where a file of its own has
    them (Marian's vocab.json); it has an entry for unknown pieces.
    """
    if table is not None:
        contents = (*_FAIRSEQ, *(settings.token(role) for role in ROLES), *settings.extra)
        beside = {content: table[content] for content in contents if content in table}
        return [table.get(piece, table["<unk>"]) for piece in pieces], beside | dict(settings.stated)
    shift = _SHIFTS.get(settings.family, Shift())
    beside = {content: id_ for id_, content in enumerate(shift.first)}
    ids = [_moved(piece, number, unknown, beside, shift.offset) for number, piece in enumerate(pieces)]
    own = dict(zip(pieces, ids, strict=True))
    after = [content for content in shift.after if content not in own]
    beside |= {content: len(pieces) + shift.offset + place for place, content in enumerate(after)}
    beside |= settings.stated
    if settings.family in ("t5", "mt5", "umt5"):
        beside = {**_extra_ids(len(pieces), settings), **beside}
    following = max((*ids, *beside.values(), -1)) + 1
    for content in (*(settings.token(role) for role in ROLES), *settings.extra):
        if content and content not in beside:
            beside[content] = own.get(content, following)
            following += content not in own
    return ids, beside


def _moved(piece: str, number: int, unknown: int, beside: dict[str, int], offset: int) -> int:
    if number == unknown and "<unk>" in beside:
        return beside["<unk>"]
    return beside.get(piece, number + offset)


def _extra_ids(size: int, settings: TokenizerSettings) -> dict[str, int]:
    """T5's places for what was left out of a text: the first of them has the highest id."""
    count = settings.number("extra_ids")
    count = _EXTRA_IDS if count is None else count
    named: Sequence[str] = [content for content in settings.extra if "extra_id_" in content]
    count = len(named) or count
    return {f"<extra_id_{place}>": size + count - 1 - place for place in range(count)}
