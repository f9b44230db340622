"""What the page of contexts says: names of layers, sentences with their word marked, what is compared and how."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import MINUS, percent
from embstudio.session.messages import SentenceContexts
from embstudio.studio import Document
from embstudio.studio.context_table import ContextPoint, ContextTable, LayerReading, StaticPoint
from embstudio.studio.contexts import WordContexts
from embstudio.trace.points import parse
from embstudio.trace.word_stages import WordStage, wanted_points

NO_MODEL = "Open a model to see one word in several sentences."
IS_TABLE = (
    "{} has one vector for each word, whatever the sentence: it is a table, without layers that could read one. Open a "
    "transformer or a recurrent model: of the bundled ones masked-word shows the most."
)
NO_LAYERS = (
    "In {} no layers that read the sentence were recognised, so there is nothing to compare: that would be a "
    "transformer's residual stream, or the states of recurrent layers; of an encoder-decoder, the encoder's."
)
NO_TOKENIZER = "This model has no tokenizer, so it cannot read sentences. Open it again with its tokenizer.json."
NO_WORD = "Type a word, and sentences in which it stands; or take one of the examples."
NO_SENTENCE = "Write sentences with ‘{}’ into the list, each in a row of its own, or paste many."
READING = "Reading the sentences…"
STOPPED = "Stopped before the word was found."
NOWHERE = "‘{}’ stands in none of these sentences. Change the word or the sentences."
CENTRED_TIP = (
    "Take the mean over all tokens of these sentences away from every vector, layer by layer: x − x̄. The vectors of a "
    "layer share a direction, which makes all raw cosines large; what is left is how they differ from the average "
    "token."
)
_AROUND = 2  # words on each side of the occurrence, in the plot
_LETTERS = 19
_PIECES = 6  # tokens of a word that are named
_SPACES = str.maketrans({"Ġ": "␣", "▁": "␣"})


def why_not(document: Document | None) -> str:
    """Why the open model has nothing to show; "" where it has."""
    if document is None:
        return NO_MODEL
    anatomy = document.opened.anatomy
    if all(parse(name).layer is None for name in wanted_points(anatomy.point_names)):
        said = IS_TABLE if anatomy.kind == "embedding table" else NO_LAYERS
        return said.format(f"‘{document.source.title}’")
    return NO_TOKENIZER if document.opened.tokenizer is None else ""


def nothing_yet(contexts: WordContexts) -> str:
    """Why there is nothing to see of what was asked."""
    if contexts.problem is not None:
        return f"{contexts.problem.what} {contexts.problem.advice}"
    if contexts.running:
        return READING
    if not contexts.word:
        return NO_WORD
    if not contexts.sentences:
        return NO_SENTENCE.format(contexts.word)
    return STOPPED if contexts.lacking else NOWHERE.format(contexts.word)


def stage_name(stage: WordStage | None) -> str:
    """ "embedding", "into block 0", "block 3", "final norm", "layer 1" of a recurrent model."""
    if stage is None:
        return "embedding"
    if stage.layer is None:
        return "final norm" if stage.points[0].endswith("final_norm") else "into block 0"
    if stage.points[0].endswith(".h"):
        return f"layer {stage.layer}, both ways" if len(stage.points) > 1 else f"layer {stage.layer}"
    return f"block {stage.layer}"


def short_stage_name(stage: WordStage | None) -> str:
    """What has room under a column: "emb", "in", "3", "norm"."""
    if stage is None:
        return "emb"
    if stage.layer is None:
        return "norm" if stage.points[0].endswith("final_norm") else "in"
    return str(stage.layer)


def marked(sentence: str, span: tuple[int, int], colour: str) -> str:
    """A sentence as rich text, the word in it bold and underlined."""
    start, end = span
    before, word, after = (
        escape(part, quote=False) for part in (sentence[:start], sentence[start:end], sentence[end:])
    )
    return f'{before}<b style="color:{colour}"><u>{word}</u></b>{after}'


def point_text(point: ContextPoint, colour: str, between: str) -> str:
    """An occurrence as rich text: number, group and sentence. between: the first two and the sentence."""
    group = [escape(point.group, quote=False)] if point.group else []
    head = " · ".join([f"<b>{point.label}</b>", *group])
    return f"{head}{between}{marked(point.sentence, point.occurrence.span, colour)}"


def snippet(point: ContextPoint) -> str:
    """ "3  sat on the bank of": the number and as many of the words around as have room."""
    start, end = point.occurrence.span
    before, after = re.findall(r"\S+\s*", point.sentence[:start]), re.findall(r"\s*\S+", point.sentence[end:])
    text = point.sentence[start:end]
    for _ in range(_AROUND):
        if before and len(before[-1] + text) <= _LETTERS:
            text = before.pop() + text
        if after and len(text + after[0]) <= _LETTERS:
            text += after.pop(0)
    return f"{point.label}  {text}"


def static_name(static: StaticPoint) -> str:
    """ "static ‘bank’"; of a word cut into tokens, all of them."""
    return f"static ‘{pieces_text(static.pieces)}’"


def static_names(statics: Sequence[StaticPoint]) -> list[str]:
    """A name for each; those that differ only in the space before them show it."""
    names = [static_name(static) for static in statics]
    if len(set(names)) == len(names):
        return names
    return [f"static ‘{' + '.join(piece.translate(_SPACES) for piece in static.pieces)}’" for static in statics]


def pieces_text(pieces: Sequence[str]) -> str:
    """Tokens as they are in the vocabulary, with a + between several."""
    shown = [visible_text(piece.translate(_SPACES)).strip(" ␣") or piece for piece in pieces]
    return " + ".join(shown if len(shown) <= _PIECES else [*shown[:_PIECES], "…"])


def about_point(point: ContextPoint) -> str:
    """What has to be said of one occurrence's tokens; "" where it is one token like any other."""
    found, said = point.occurrence, []
    if len(found.pieces) > 1:
        said.append(f"{len(found.pieces)} tokens, {pieces_text(found.pieces)}: the mean of their vectors.")
    if found.unknown:
        said.append("The vocabulary does not hold it: this is the vector of the unknown token.")
    if found.shared:
        said.append(f"Its token {pieces_text(found.pieces)} holds more than the word.")
    return " ".join(said)


def found_in(found: SentenceContexts | None, word: str, *, running: bool) -> tuple[str, str]:
    """What the list says beside a sentence, and the whole of it: how often the word is in it, or why it is not."""
    if found is None:
        return ("…", "It is being read.") if running else ("", "Not read yet.")
    if found.problem:
        return "!", found.problem
    if found.occurrences:
        count = len(found.occurrences)
        told = "once" if count == 1 else f"{count} times, each a point of its own"
        more = f" {found.lost} more were cut off." if found.lost else ""
        return str(count), " ".join([f"‘{word}’ stands in it {told}.{more}", *found.notes])
    if found.lost:
        return "cut", " ".join([f"‘{word}’ stands behind what was run. Shorten the sentence before it.", *found.notes])
    return "none", f"‘{word}’ is not in this sentence as a word of its own."


def layer_line(table: ContextTable, layer: LayerReading, word: str, name: str) -> str:
    """What is seen of a layer, in one line."""
    count = len(table.points)
    said = [f"{count} × ‘{word}’ at {name}" if count > 1 else f"‘{word}’ at {name}"]
    if not math.isnan(layer.any_two):
        said.append(f"any two tokens here: cosine {decimals(layer.any_two)}")
    if table.centred:
        said.append(f"centred: less the mean of all {table.tokens} tokens")
    if not math.isnan(layer.share):
        plane = "one plane for all layers" if table.shared_axes else "a plane of this layer's own"
        said.append(f"{plane}, with {percent(layer.share)} of how they differ here")
    elif count > 1:
        said.append("here they do not differ")
    return " · ".join(said)


def plane_tip(table: ContextTable) -> str:
    """How the picture is made."""
    if not table.shared_axes:
        return (
            "PCA of the directions (vectors at unit length) of each layer by itself: the numbers of one layer's state "
            "mean nothing in another's, so points jump from layer to layer."
        )
    return (
        "One PCA over all layers: the two directions in which the occurrences of a layer differ most, each layer less "
        "the mean of its occurrences, all at unit length. The axes stay as they are from layer to layer, so points "
        "glide."
    )


def model_note(table: ContextTable, *, recurrent: bool, looks_ahead: bool | None) -> str:
    """What must be said of the model: that it reads one way, why there is no static point, or more than one; "" where
    there is nothing to say."""
    said = []
    if looks_ahead is False:
        said.append("It reads left to right: a word's vector knows what stands before it, and nothing after.")
    if recurrent:
        said.append("A row of the embedding table is another kind of vector than a hidden state: no static point.")
    elif table.static is None:
        said.append("The table is not as wide as the layers, or was not recognised: no static point.")
    elif len(table.statics) > 1:
        said.append(f"{len(table.statics)} static points: with capitals or spaces the word is other tokens.")
    return " ".join(said)


def decimals(value: float) -> str:
    """Three decimals with a true minus sign; "—" for what is not known."""
    return "—" if math.isnan(value) else f"{value:.3f}".replace("-", MINUS)
