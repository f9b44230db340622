"""Sentences written by us that ask which of two is nearer in meaning to a first: (first, alike, other). MIT, like the
rest of this project. None is trained on."""

from __future__ import annotations

# Few words are shared with the one that is alike; the other shares as many or more.
MEANING = [
    ("The boy fell off his bicycle.", "A child tumbled from his bike.", "The boy ate his breakfast."),
    ("A woman is cooking dinner in the kitchen.", "A lady prepares a meal.", "A woman is swimming in the sea."),
    ("The company lost a great deal of money.", "The firm's losses were heavy.", "The company moved to a great city."),
    ("It rained all night.", "There was a storm until the morning.", "He danced all night."),
    ("The train arrived two hours late.", "The railway was badly delayed.", "The guests arrived at two with flowers."),
    ("He died in a car crash.", "He was killed in a road accident.", "He slept in a small tent."),
    ("The children are playing in the garden.", "Kids run about outdoors.", "The books are lying in the garden."),
    ("The doctor told her to rest.", "The physician advised her to stay in bed.", "The teacher told her to sing."),
    ("Two dogs chase a ball on the beach.", "Puppies run after a toy on the sand.",
     "Two men build a boat on the river."),
    ("The king was angry with his son.", "The monarch raged at the prince.", "The king was buried with his horse."),
    ("She bought a new dress at the shop.", "She purchased clothes in a store.", "She saw a new bird at the lake."),
    ("The army attacked the town at dawn.", "Soldiers stormed the city in the morning.",
     "The market of the town opens at dawn."),
    ("A man is playing the guitar.", "Someone is making music on an instrument.", "A man is playing football."),
    ("The government will raise taxes next year.", "Ministers plan higher duties.",
     "The school will open next year."),
    ("He was so tired that he fell asleep at once.", "Exhausted, he began to doze immediately.",
     "He was so rich that he bought a house at once."),
    ("The ship sank in the storm.", "The vessel went down in bad weather.", "The bird sang in the storm."),
    ("Police arrested three suspects.", "Officers took some men into custody.", "Farmers bought three horses."),
    ("The girl hugged her mother and wept.", "The daughter cried in her mum's arms.",
     "The girl painted her room and left."),
    ("The soup is too hot to eat.", "The broth will burn your mouth.", "The street is too long to walk."),
    ("The old bridge was destroyed by the flood.", "High water swept the ancient crossing away.",
     "The old song was written by the queen."),
]  # fmt: skip
# The other has the words of the first: only order, a small word or a number tells them apart.
SMALL_WORDS = [
    ("The dog bit the man.", "A man was bitten by a dog.", "The man bit the dog."),
    ("The door is open.", "The door is not shut.", "The door is not open."),
    ("She has two brothers.", "She has a pair of brothers.", "She has nine brothers."),
    ("The cat sits under the table.", "Below the table there is a cat.", "The cat sits on the table."),
    ("He arrived before the storm.", "The storm came after he arrived.", "He arrived after the storm."),
    ("Nobody liked the play.", "Everyone hated the play.", "Everybody liked the play."),
    ("The father carried his daughter.", "The girl was carried by her father.", "The daughter carried her father."),
    ("He never drinks wine.", "He does not touch wine.", "He always drinks wine."),
    ("The price rose sharply.", "The price went up a lot.", "The price fell sharply."),
    ("She is taller than her sister.", "Her sister is shorter than she is.", "Her sister is taller than she is."),
]  # fmt: skip
