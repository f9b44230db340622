"""Sentences and phrases with a verdict, negative 0 or positive 1, split once for all sentiment models.

A sentence (by its words) stands in one split only, whatever its source. The film reviews are the Stanford treebank's in
their GLUE form (SST-2), whose own dev split is held out; Pang and Lee's sentences, which it was made of, are left out.
"""

from __future__ import annotations

import html
import random
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from models.recipes import library
from models.recipes.wording import words_and_marks

SEED = 1
HELD_OUT = {"UCI": 600, "pros and cons": 1000}  # sentences for the test split, by source
CHOOSING = {"SST-2": 1000, "UCI": 200, "pros and cons": 500}  # and for choosing the epoch


@dataclass(frozen=True)
class Opinion:
    text: str
    verdict: int
    source: str

    @property
    def words(self) -> list[str]:
        return words_and_marks(self.text)


@dataclass(frozen=True)
class Split:
    training: list[Opinion]
    choosing: list[Opinion]
    test: list[Opinion]


def _member(archive: Path, name: str) -> str:
    with zipfile.ZipFile(archive) as files:
        raw = files.read(name)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def uci(data: Path) -> list[Opinion]:
    """Kotzias et al. 2015: sentences about products, films and restaurants."""
    opinions = []
    for place in ("amazon_cells", "imdb", "yelp"):
        text = library.read_text(data / f"sentiment/uci/{place}_labelled.txt")
        rows = [line.rsplit("\t", 1) for line in text.split("\n") if "\t" in line]
        opinions += [Opinion(sentence.strip(), int(verdict), "UCI") for sentence, verdict in rows]
    return opinions


def treebank(data: Path, part: str) -> list[Opinion]:
    """SST-2 (Socher et al. 2013; Wang et al. 2018): phrases and sentences of film reviews. part: ``train`` or
    ``dev``."""
    text = library.read_text(data / f"sentiment/sst2/{part}.tsv")
    rows = [line.rsplit("\t", 1) for line in text.splitlines()[1:] if "\t" in line]
    return [Opinion(untokenise(sentence.strip()), int(verdict), "SST-2") for sentence, verdict in rows]


def pros_cons(data: Path) -> list[Opinion]:
    """Liu, Hu & Cheng 2005: what buyers liked and disliked, in a few words."""
    archive = data / "sentiment/nltk/pros_cons.zip"
    opinions = []
    for verdict, name in enumerate(("Cons", "Pros")):
        for line in re.findall(rf"<{name}>(.*?)</{name}>", _member(archive, f"pros_cons/Integrated{name}.txt")):
            text = html.unescape(html.unescape(line)).strip()
            if len(words_and_marks(text)) <= 40:
                opinions.append(Opinion(text, verdict, "pros and cons"))
    return opinions


def product_reviews(data: Path) -> list[Opinion]:
    """Hu & Liu 2004; Ding, Liu & Yu 2008: sentences whose marks, such as ``price[+2]``, all agree."""
    opinions = []
    for archive in sorted((data / "sentiment/nltk").glob("product_reviews_*.zip")):
        with zipfile.ZipFile(archive) as files:
            names = [n for n in files.namelist() if n.endswith(".txt") and "README" not in n]
        for name in names:
            for line in _member(archive, name).splitlines():
                marks, found, sentence = line.partition("##")
                signs = set(re.findall(r"\[([+-])\d\]", marks))
                if found and len(signs) == 1:
                    opinions.append(Opinion(untokenise(sentence), int(signs == {"+"}), "product reviews"))
    return opinions


def untokenise(text: str) -> str:
    """Undo the spaces of tokenised text where they would change our words: ``do n't``, ``it 's``."""
    return re.sub(r"\s+(n't|'(?:s|re|ve|ll|d|m))\b", r"\1", text).strip()


def split(data: Path) -> Split:
    """Shuffle each source with SEED, set aside its held-out sentences, drop repeats across splits.

    Phrases of a held-out treebank sentence are in no training sentence: its dev split is made of other sentences.
    """
    shuffle = random.Random(SEED)
    parts: dict[str, list[Opinion]] = {"test": [], "choosing": [], "training": []}
    parts["test"] += treebank(data, "dev")
    for opinions in (treebank(data, "train"), uci(data), pros_cons(data), product_reviews(data)):
        opinions = [opinion for opinion in opinions if opinion.words]
        shuffle.shuffle(opinions)
        source = opinions[0].source
        test, choosing = HELD_OUT.get(source, 0), CHOOSING.get(source, 0)
        parts["test"] += opinions[:test]
        parts["choosing"] += opinions[test : test + choosing]
        parts["training"] += opinions[test + choosing :]
    seen: set[tuple[str, ...]] = set()
    for name, opinions in parts.items():
        fresh = [opinion for opinion in opinions if tuple(opinion.words) not in seen]
        seen |= {tuple(opinion.words) for opinion in opinions}
        parts[name] = fresh
    return Split(**parts)
