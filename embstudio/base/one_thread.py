"""numpy's linear algebra on one thread, for many small products one after the other.

Matrices of a few hundred rows gain nothing from a second thread, and OpenBLAS's threads wait for each other at each
product: with another program at work on the same cores that made gradients five to eight times slower.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Within, products and eigenvalues are worked out on the calling thread alone."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    """Of the libraries that are loaded by now; numpy's is, since numpy was imported."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
