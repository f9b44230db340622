"""What topics, components and steps of LDA say, as rich text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from embstudio.gui.style.colours import Colours
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.point_colours import category_colours
from embstudio.lab.topics.account import Account
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import Lsa

_TOLD = 8  # words of a component
_TOKENS = 400  # words of a document that are shown
_CELL = "white-space:nowrap;padding:1px 10px 1px 0"


def topic_colour(topic: int, colours: Colours) -> str:
    """The colour of a topic; beyond ten, that of all others."""
    found = category_colours(colours)
    return found[min(topic, len(found) - 1)]


def topic_name(topic: int) -> str:
    return f"topic {topic + 1}"


def topics_html(tops: Sequence[Sequence[tuple[str, float]]], sizes: Sequence[float], colours: Colours) -> str:
    """A line for each topic: its share of all words, its most likely words with their chances."""
    lines = []
    for topic, (words, size) in enumerate(zip(tops, sizes, strict=True)):
        told = " · ".join(
            f"{escape(word)} <span style='color:{colours.muted}'>{chance:.0%}</span>" for word, chance in words
        )
        colour = topic_colour(topic, colours)
        lines.append(
            f"<span style='color:{colour}'>■</span> <b>{topic_name(topic)}</b> "
            f"<span style='color:{colours.muted}'>({size:.0%} of the words)</span>: {told}"
        )
    return "<br>".join(lines)


def component_html(lsa: Lsa, component: int, words: Sequence[str], colours: Colours, count: int = _TOLD) -> str:
    """The two ends of a component, with the weights of their words."""
    weights, ends = lsa.V[:, component], []
    for sign, places in zip("+−", lsa.top_words(component, count), strict=True):
        if len(places):
            told = " · ".join(
                f"{escape(words[word])} <span style='color:{colours.muted}'>{abs(weights[word]):.2f}</span>"
                for word in places.tolist()
            )
            ends.append(f"<b>{sign}</b> {told}")
    return "<br>".join(ends)


def document_html(
    corpus: Corpus, document: int, tokens: np.ndarray, z: np.ndarray, first: int, here: int | None, colours: Colours
) -> str:
    """The words of a document, each with the number of its topic. tokens, z: [its tokens]; first: the place of the
    first of them among all; here: the place of the one that is sorted."""
    at = 0 if here is None else max(0, min(here - first - _TOKENS // 2, len(tokens) - _TOKENS))
    shown = ["…"] if at else []
    for place, (word, topic) in enumerate(zip(tokens[at:].tolist(), z[at:].tolist(), strict=True), first + at):
        if place - first - at >= _TOKENS:
            shown.append("…")
            break
        colour = topic_colour(topic, colours)
        text = f"<span style='color:{colour}'>{escape(corpus.words[word])}<sub>{topic + 1}</sub></span>"
        if place == here:
            text = f"<span style='background:{colours.zero}'><b>&nbsp;{text}&nbsp;</b></span>"
        shown.append(text)
    return f"<p><b>{escape(corpus.names[document])}</b>: {' '.join(shown)}</p>"


def account_html(account: Account, corpus: Corpus, mono: str, colours: Colours) -> str:
    """The step: the counts without the word, the weights, the chances, the draw, and what came of it."""
    word, document = escape(corpus.words[account.word]), escape(corpus.names[account.document])
    K = len(account.weights)
    heads = ("topic", "n_dk", "n_kw", "n_k", "weight", "chance", "up to")
    ends = np.cumsum(account.chances)
    rows = []
    for topic in range(K):
        name = f"<span style='color:{topic_colour(topic, colours)}'>■</span> {topic + 1}"
        if topic == account.after:
            name = f"<b>{name} ◀</b>"
        rows.append([
            name, f"{account.n_dk[topic]:,}", f"{account.n_kw[topic]:,}", f"{account.n_k[topic]:,}",
            four(float(account.weights[topic])), four(float(account.chances[topic])), four(float(ends[topic])),
        ])  # fmt: skip
    k = account.after
    put_in = (
        f"({account.n_dk[k]:,} + {account.alpha:g}) · ({account.n_kw[k]:,} + {account.beta:g}) / "
        f"({account.n_k[k]:,} + {account.words:,} · {account.beta:g}) = {four(float(account.weights[k]))}"
    )
    came = "stays in" if account.after == account.before else f"goes from topic {account.before + 1} to"
    return (
        f"<p><b>{word}</b> in {document} is taken out of topic {account.before + 1}, and sorted again by all other "
        f"words as they are sorted now.</p>"
        f"<p>weight = (n_dk + α) · (n_kw + β) / (n_k + Vβ), with α = {account.alpha:g}, β = {account.beta:g}, "
        f"V = {account.words:,}</p>" + _table(heads, rows, mono, colours) + f"<p>topic {k + 1}: {put_in}</p>"
        f"<p>chance = weight / sum of all weights. A random number from 0 to 1 is drawn: "
        f"<b>{account.draw:.4f}</b>. It falls where “up to” first exceeds it, and so <b>{word}</b> {came} "
        f"<b>topic {k + 1}</b>.</p>"
        f"<p>n_dk: words of {document} in the topic; n_kw: how often {word} is in the topic anywhere; n_k: all words "
        "of the topic; this word itself not counted.</p>"
    )


def account_said(account: Account, corpus: Corpus) -> str:
    """The step in one line."""
    return (
        f"{corpus.words[account.word]} in {corpus.names[account.document]}: topic {account.before + 1} → "
        f"{account.after + 1}, chance {percent(float(account.chances[account.after]))}"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], mono: str, colours: Colours) -> str:
    """The first column to the left, numbers to the right."""
    sides = ["left", *["right"] * (len(heads) - 1)]
    head = "".join(f"<td align='{side}' style='{_CELL};color:{colours.muted}'>{name}</td>"
                   for side, name in zip(sides, heads, strict=True))  # fmt: skip
    body = "".join(
        "<tr>" + "".join(f"<td align='{side}' style='{_CELL}'>{cell}</td>"
                         for side, cell in zip(sides, row, strict=True)) + "</tr>"
        for row in rows
    )  # fmt: skip
    return f"<table style='{mono}' cellspacing='0'><tr>{head}</tr>{body}</table>"
