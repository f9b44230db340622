"""Compute the t-SNE and UMAP pictures of the bundled word vectors that come with the program: resources/pictures.

    python models/draw_pictures.py [model ...]

Of all rows, by cosine, seed 0, with the window's own options. Some minutes; needs nothing but the program itself.
"""

from __future__ import annotations

import argparse

from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner
from embstudio.space.projections.beforehand import Beforehand
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.tsne import Tsne
from embstudio.space.projections.umap import Umap

MODELS = ("words", "words-counted")


def main() -> None:
    """Draw, and tell which files were written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS)
    for name in parser.parse_args().models:
        source = find(name)
        vectors = Runner.open(ModelRef(source.path, source.tokenizer)).table.vectors
        for method in (Tsne(metric="cosine"), Umap(metric="cosine")):
            drawing = Drawing(method)
            *_, picture = drawing.results(vectors)
            path = Beforehand().put(vectors, drawing, picture)
            print(f"{name}, {method.name}: {path.name}, {path.stat().st_size:,} bytes, {dict(picture.measures)}")


if __name__ == "__main__":
    main()
