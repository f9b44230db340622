"""How LDA's documents and words are drawn: between corners that are topics, in the topics' colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.gui.panels.lab.topics_sight import Shares
from embstudio.gui.panels.lab.topics_words import topic_name
from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.plots.scatter.emphasis import Lines
from embstudio.gui.style.point_colours import MOST

_BESIDE = 0.15  # of two topics, how far documents lie above the line between them, and words below


def corners_of(topics: int) -> np.ndarray:
    """[topics, 2]: the corners of a regular polygon, the first at the top; of two topics, left and right."""
    if topics == 2:
        return np.array([[-1.0, 0.0], [1.0, 0.0]])
    angles = np.pi / 2 - 2 * np.pi * np.arange(topics) / topics
    return np.column_stack([np.cos(angles), np.sin(angles)])


def outline_of(topics: int) -> Lines:
    """The lines from corner to corner."""
    corners = corners_of(topics)
    closed = np.vstack([corners, corners[:1]]) if topics > 2 else corners
    return Lines(closed[:-1], closed[1:])


def places_of(shares: Shares) -> np.ndarray:
    """[documents + words + topics, 2] float32: Σ share · corner for documents and words, then the corners."""
    topics = shares.theta.shape[1]
    corners = corners_of(topics)
    documents, words = shares.theta @ corners, shares.words @ corners
    if topics == 2:
        documents[:, 1], words[:, 1] = _BESIDE, -_BESIDE
    return np.vstack([documents, words, corners]).astype(np.float32)


def order_of(shares: Shares) -> np.ndarray:
    """Rows of `places_of` from the most to the least important: corners, documents, words."""
    others, topics = len(shares.theta) + len(shares.words), shares.theta.shape[1]
    return np.concatenate([others + np.arange(topics), np.arange(others)])


def colouring_of(shares: Shares, tops: Sequence[str], *, corners: bool) -> Categories:
    """The likeliest topic of each document and word, and of the corners, if they are drawn. tops: each topic's first
    words; may be none."""
    topics = shares.theta.shape[1]
    codes = np.concatenate([shares.theta.argmax(axis=1), shares.words.argmax(axis=1)])
    if corners:
        codes = np.concatenate([codes, np.arange(topics)])
    told = [f": {words}" for words in tops] or [""] * topics
    names = tuple(f"{topic_name(topic)}{told[topic]}" for topic in range(min(topics, MOST)))
    if topics > MOST:
        names = (*names, "other")
    return Categories("LDA", np.minimum(codes, len(names) - 1).astype(np.uint8), names, named=True)
