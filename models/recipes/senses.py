"""Words of two senses in sentences written by us: does a model give them different vectors where they mean
different things? None of these sentences was trained on,
but the recipe knows of the words, and its second part was added after a first score on them.

For each word, pairs of its vectors from two sentences of one sense, and pairs from sentences of both senses; the
cosine of the first should be the larger.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# word: sentences of one sense, sentences of the other. The word stands in each exactly once.
SENSES: dict[str, tuple[list[str], list[str]]] = {
    "bank": (
        [
            "They sat on the bank of the river and watched the fish.",
            "The boat was tied to the muddy bank by the water.",
            "Grass grew along the bank of the little stream.",
        ],
        [
            "She put all her money in the bank last week.",
            "The man at the bank gave him a thousand dollars.",
            "He went to the bank to pay what he owed.",
        ],
    ),
    "spring": (
        [
            "In spring the flowers bloom and the birds come back.",
            "After the long winter came a warm spring with rain.",
            "We plant seeds every spring, before the summer is hot.",
        ],
        [
            "They drank cold water from the spring in the rocks.",
            "A clear spring ran out of the hill into a pool.",
            "The old woman filled her jug at the spring in the forest.",
        ],
    ),
    "light": (
        [
            "The light of the lamp was bright in the dark room.",
            "He saw a light shining in the window at night.",
            "She turned on the light so that they could see.",
        ],
        [
            "The basket was so light that the child could carry it.",
            "A feather is light and a stone is heavy.",
            "His bag was light because there was nothing in it.",
        ],
    ),
    "ring": (
        [
            "The king gave her a gold ring to wear on her finger.",
            "She lost her ring, the one with the diamond.",
            "The princess wore a silver ring and a crown.",
        ],
        [
            "They heard the bell ring and ran to school.",
            "The phone began to ring in the middle of the night.",
            "Please ring the bell when you come to the door.",
        ],
    ),
    "left": (
        [
            "He held the ball in his left hand.",
            "Turn to the left when you see the big tree.",
            "Her left foot hurt after the long walk.",
        ],
        [
            "They left the house and went home early.",
            "She left her book on the table and went away.",
            "The train left before we came.",
        ],
    ),
    "watch": (
        [
            "They like to watch the birds in the garden.",
            "Can we watch the game with you today?",
            "The children watch the boats go by.",
        ],
        [
            "He looked at the gold watch in his pocket.",
            "Her watch said that it was ten o'clock.",
            "Father took out his watch to see the time.",
        ],
    ),
    "saw": (
        [
            "She saw a big dog in the park.",
            "Tom saw his friend and waved.",
            "They saw the moon over the trees.",
        ],
        [
            "He cut the wood with a saw and a hammer.",
            "The old saw was sharp and full of rust.",
            "Bring me the saw and some nails.",
        ],
    ),
    "kind": (
        [
            "The kind woman gave the poor boy some bread.",
            "He was always kind to animals and helped them.",
            "It is good to be kind and to share.",
        ],
        [
            "What kind of cake do you like best?",
            "It was a strange kind of bird with blue wings.",
            "She had never seen that kind of house before.",
        ],
    ),
    "leaves": (
        [
            "The leaves of the tree were red and yellow.",
            "Dry leaves fell on the ground in autumn.",
            "The caterpillar ate all the green leaves.",
        ],
        [
            "He leaves the house at eight every morning.",
            "The train leaves soon, so we must hurry.",
            "When she leaves, she always says goodbye.",
        ],
    ),
    "match": (
        [
            "He lit the match and the candle began to burn.",
            "She struck a match to make a fire.",
            "The match burned his finger in the dark.",
        ],
        [
            "Our team won the match by two goals.",
            "They played a football match last year.",
            "He lost the final match of the season.",
        ],
    ),
    "well": (
        [
            "The bucket fell down into the deep well.",
            "They drew water from the well in the yard.",
            "There was a frog at the bottom of the well.",
        ],
        [
            "She sings very well and dances too.",
            "You did your work well today.",
            "He was sick, but now he is well again.",
        ],
    ),
    "train": (
        [
            "The train stopped at the station with a loud noise.",
            "We went to the city by train.",
            "He heard the train coming down the track.",
        ],
        [
            "You must train hard if you want to win the race.",
            "She will train the young dog to sit and stay.",
            "The soldiers train every day for the war.",
        ],
    ),
}
NAMED = ("bank", "spring", "light")

Read = Callable[[str, int], np.ndarray]  # a sentence and the character at which a word starts -> its vector


@dataclass(frozen=True)
class Told:
    """How a word's vectors lie: mean cosine within a sense and across, and how often the first is the larger."""

    word: str
    within: float
    across: float
    right: float


def _start(sentence: str, word: str) -> int:
    [found] = re.finditer(rf"\b{word}\b", sentence.lower())
    return found.start()


def tell_apart(word: str, read: Read) -> Told:
    """Compare every pair of one sense with every pair of both senses. read: the model's vector of a word."""
    unit = []
    for sentences in SENSES[word]:
        vectors = np.array([read(sentence, _start(sentence, word)) for sentence in sentences], np.float64)
        unit.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    within = np.concatenate([(u @ u.T)[np.triu_indices(len(u), 1)] for u in unit])
    across = (unit[0] @ unit[1].T).ravel()
    return Told(word, float(within.mean()), float(across.mean()), float((within[:, None] > across[None]).mean()))
