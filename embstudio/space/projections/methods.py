"""All ways of drawing vectors that the program has, in the order in which they are offered."""

from __future__ import annotations

from embstudio.space.projections.linear import PrincipalComponents, RandomDirections
from embstudio.space.projections.method import Method
from embstudio.space.projections.tsne import Tsne
from embstudio.space.projections.umap import Umap

METHODS: dict[str, type[Method]] = {
    method.name: method for method in (PrincipalComponents, Tsne, Umap, RandomDirections)
}
