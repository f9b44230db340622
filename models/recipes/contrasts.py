"""Sentences written by us: templates that teach negation and contrast, and a small set, of other words and
wordings, that asks about them. MIT, like the rest of this project."""

from __future__ import annotations

import random

GOOD = [
    "good", "great", "excellent", "wonderful", "amazing", "fantastic", "brilliant", "lovely", "superb",
    "delightful", "charming", "enjoyable", "clever", "funny", "moving", "beautiful", "fresh", "tasty",
    "delicious", "friendly", "helpful", "comfortable", "reliable", "fast", "sturdy", "perfect",
    "impressive", "fun", "touching", "gripping", "sweet", "nice", "terrific", "interesting", "entertaining",
    "satisfying",
]  # fmt: skip
BAD = [
    "bad", "terrible", "awful", "horrible", "boring", "dull", "stupid", "poor", "weak", "disappointing",
    "annoying", "ugly", "slow", "tedious", "bland", "rude", "dirty", "noisy", "useless", "flimsy", "cheap",
    "clumsy", "silly", "lifeless", "predictable", "dreadful", "mediocre", "painful", "confusing",
    "overpriced", "broken", "tasteless", "unpleasant", "worthless",
]  # fmt: skip
THINGS = [
    "movie", "film", "book", "story", "food", "service", "meal", "phone", "camera", "hotel", "place",
    "room", "show", "acting", "plot", "music", "song", "game", "ending", "product", "screen", "staff",
    "restaurant", "play", "cast", "price",
]  # fmt: skip
LOVED = ["loved", "liked", "enjoyed", "adored", "admired"]
HATED = ["hated", "disliked", "regretted", "despised"]

# Each: a wording and its verdict, 1 positive. {good} {bad} {thing} {loved} {hated} are filled in at random.
TEMPLATES = [
    ("{good}", 1), ("{bad}", 0), ("very {good}", 1), ("very {bad}", 0), ("so {good} !", 1), ("so {bad} !", 0),
    ("not {good}", 0), ("not {bad}", 1), ("not very {good}", 0), ("not {good} at all", 0),
    ("not at all {bad}", 1), ("not bad", 1), ("not bad at all", 1), ("never {bad}", 1), ("never {good}", 0),
    ("isn't {good}", 0), ("isn't {bad}", 1), ("the {thing} was {good}", 1), ("the {thing} was {bad}", 0),
    ("the {thing} was not {good}", 0), ("the {thing} is not {good} .", 0), ("the {thing} was not {bad}", 1),
    ("the {thing} wasn't {good}", 0), ("the {thing} isn't {bad} .", 1),
    ("this {thing} is anything but {good}", 0), ("this {thing} is anything but {bad}", 1),
    ("it is not a {good} {thing}", 0), ("it was not a {bad} {thing} .", 1), ("a {good} {thing}", 1),
    ("a {bad} {thing}", 0), ("i {loved} it", 1), ("i {hated} it", 0), ("i {loved} this {thing} .", 1),
    ("i {hated} this {thing} .", 0), ("i did not like the {thing}", 0), ("i didn't enjoy it", 0),
    ("i did not hate it", 1), ("i don't like this {thing}", 0), ("i never {loved} it", 0),
    ("nobody {loved} it", 0), ("everyone {loved} the {thing}", 1),
    ("{bad} at first but {good} in the end", 1), ("{good} at first but {bad} in the end", 0),
    ("it looked {bad} but it was {good}", 1), ("it looked {good} but it was {bad}", 0),
    ("i expected it to be {bad} but it was {good}", 1), ("i expected it to be {good} but it was {bad}", 0),
    ("i thought i would hate it but i {loved} it", 1), ("i thought i would love it but i {hated} it", 0),
    ("i wanted to like it but it was {bad}", 0), ("i wanted to hate the {thing} but it was {good}", 1),
    ("although the {thing} was {bad} , i {loved} it", 1),
    ("although the {thing} was {good} , i {hated} it", 0),
    ("the {thing} was {good} , but the rest was {bad}", 0),
    ("the {thing} was {bad} , but the rest was {good}", 1), ("far from {good}", 0), ("far from {bad}", 1),
    ("hardly {good}", 0), ("nothing {good} about it", 0), ("the {thing} could not be more {good}", 1),
    ("the {thing} could not be more {bad}", 0), ("no {good} {thing} here", 0),
    ("i could not stop watching , so {good}", 1), ("a waste of time and money", 0), ("worth every penny", 1),
    ("not worth the money", 0), ("i would not recommend this {thing}", 0),
    ("i would recommend this {thing}", 1),
    # the first halves alone, so that the verdict does not turn before the "but" is there
    ("i expected it to be {bad}", 0), ("i expected it to be {good}", 1), ("i expected to hate it", 0),
    ("i expected to love it", 1), ("i thought i would hate it", 0), ("i thought i would love it", 1),
    ("it looked {bad}", 0), ("it looked {good}", 1), ("i wanted to hate the {thing}", 0),
    ("{bad} at first", 0), ("{good} at first", 1), ("although the {thing} was {bad}", 0),
    ("although the {thing} was {good}", 1),
]  # fmt: skip


def templated(count: int, seed: int) -> list[tuple[str, int]]:
    """``count`` sentences with their verdicts, never one of ``ASKED``."""
    draw = random.Random(seed)
    asked = {text.lower().strip(" .") for text, _ in ASKED}
    sentences = []
    while len(sentences) < count:
        wording, verdict = draw.choice(TEMPLATES)
        text = wording.format(good=draw.choice(GOOD), bad=draw.choice(BAD), thing=draw.choice(THINGS),
                              loved=draw.choice(LOVED), hated=draw.choice(HATED))  # fmt: skip
        if text.strip(" .") not in asked:
            sentences.append((text, verdict))
    return sentences


# The questions. None is a filled-in template; most words differ too ("I expected to ..." comes close).
ASKED = [
    ("The food here isn't what I would call delicious.", 0),
    ("I expected to hate it but loved it", 1),
    ("I expected to love it but hated it", 0),
    ("There is nothing wrong with this camera.", 1),
    ("I can't say I was impressed.", 0),
    ("The acting was fine, but the script ruined everything.", 0),
    ("It starts slowly, yet by the end I was in tears of joy.", 1),
    ("You will not be disappointed.", 1),
    ("I was not disappointed.", 1),
    ("Never again.", 0),
    ("Don't waste your money.", 0),
    ("It is hard to find anything to complain about.", 1),
    ("This is not the masterpiece that people promised.", 0),
    ("The battery never lets me down.", 1),
    ("Despite its flaws, it is a joy to watch.", 1),
    ("Despite a strong cast, the result is lifeless.", 0),
    ("I have no complaints.", 1),
    ("It fails to be funny.", 0),
    ("It never fails to make me laugh.", 1),
    ("The hotel was clean, but I would not stay there again.", 0),
    ("Not the best phone, but it does the job well.", 1),
    ("Without any charm or wit.", 0),
    ("It could have been better.", 0),
    ("It could not have been better.", 1),
    ("Nobody in the cinema laughed.", 0),
    ("The waiter was rude, but the meal made up for it.", 1),
    ("I wish I had bought it sooner.", 1),
    ("I wish I had not bought it.", 0),
    ("It looks cheap but works perfectly.", 1),
    ("It looks great but stopped working after a week.", 0),
]
