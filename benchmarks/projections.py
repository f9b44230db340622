"""What pictures of vectors cost, how good they are, and what the libraries that are known for them make of the same.

    python benchmarks/projections.py [--rows 10000] [--vectors FILE.npy] [--libraries PYTHON] [--large 1000000]

Ours is measured as the window sees it: from asking to the picture, the start of the process included. The libraries
(openTSNE, umap-learn, scikit-learn) run in processes of `--libraries`, an interpreter that has them (default: this
one); what is missing is left out and said. There the time counts from the start of the process, imports included, and
again without them. Trustworthiness and continuity are ours, at 15 neighbours, on the same points for all. Prints
markdown tables.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import SimpleQueue

import machine
import numpy as np

from embstudio.space.aside.job import Job, Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.clusters import KMeans
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.linear import PrincipalComponents
from embstudio.space.projections.method import Method
from embstudio.space.projections.run import Picture, drawn_aside
from embstudio.space.projections.tsne import Tsne
from embstudio.space.projections.umap import Umap
from embstudio.space.trust import TrustMeasure

LIBRARIES = {
    "openTSNE (FFT)": "from openTSNE import TSNE\n"
    "def draw(X): return TSNE(n_jobs=-1, random_state=0, negative_gradient_method='fft').fit(X)",
    "scikit-learn TSNE": "from sklearn.manifold import TSNE\n"
    "def draw(X): return TSNE(random_state=0, n_jobs=-1, init='pca', max_iter=750).fit_transform(X)",
    "umap-learn": "import umap\ndef draw(X): return umap.UMAP(random_state=0, n_jobs=1).fit_transform(X)",
    "scikit-learn PCA": "from sklearn.decomposition import PCA\ndef draw(X): return PCA(2).fit_transform(X)",
    "scikit-learn KMeans": "from sklearn.cluster import KMeans\n"
    "def draw(X): return np.array([[KMeans(50, n_init=4, random_state=0).fit(X).inertia_]])",
}

PROGRAM = """
import json, sys, time
import numpy as np
began = time.perf_counter()
{library}
loaded = time.perf_counter()
X = np.load(sys.argv[1])
ready = time.perf_counter()
np.save(sys.argv[2], np.asarray(draw(X), np.float32))
print(json.dumps([loaded - began, time.perf_counter() - ready]))
"""


def groups(rows: int, width: int = 100) -> np.ndarray:
    """Vectors in groups that are curved and unequal, as real ones are."""
    random = np.random.default_rng(0)
    inner = random.normal(size=(rows, 6)) * random.gamma(2, size=(40, 1))[random.integers(0, 40, rows)]
    bent = np.concatenate([inner, inner**2, np.sin(3 * inner)], axis=1) @ random.normal(size=(18, width)) / 4
    centres = 3 * random.normal(size=(40, width))
    return (centres[random.integers(0, 40, rows)] + bent + 0.5 * random.normal(size=(rows, width))).astype(np.float32)


def ours(vectors: np.ndarray, method: Method) -> tuple[list[tuple[float, Picture]], float]:
    """Each picture with the seconds it took to come, and the seconds until the end."""
    came: list[tuple[float, Picture]] = []
    ends: SimpleQueue[Outcome[Picture]] = SimpleQueue()
    began = time.perf_counter()
    run = drawn_aside(vectors, Drawing(method), lambda p: came.append((time.perf_counter() - began, p)), ends.put)
    run.start()
    outcome = ends.get()
    seconds = time.perf_counter() - began
    run.close()
    if outcome.error is not None:
        raise SystemExit(str(outcome.error))
    return came, seconds


def aside(vectors: np.ndarray, job: Job) -> tuple[float, object]:
    """Seconds that a job takes in its process, and what it comes to."""
    ends: SimpleQueue[Outcome] = SimpleQueue()
    began = time.perf_counter()
    run: Run = Run(lambda: Work(job, vectors), on_end=ends.put)
    run.start()
    outcome = ends.get()
    seconds = time.perf_counter() - began
    run.close()
    return seconds, outcome.result


def stopping(vectors: np.ndarray, method: Method) -> float:
    """Seconds from `stop` to the end, in the midst of it."""
    pictures: SimpleQueue[Picture] = SimpleQueue()
    ends: SimpleQueue[Outcome[Picture]] = SimpleQueue()
    run = drawn_aside(vectors, Drawing(method), pictures.put, ends.put)
    run.start()
    while pictures.get().snapshot.step < 20:
        pass
    began = time.perf_counter()
    run.stop()
    ends.get()
    seconds = time.perf_counter() - began
    run.close()
    return seconds


def theirs(python: str, name: str, vectors: np.ndarray, folder: Path) -> tuple[float, float, float, np.ndarray] | None:
    """Seconds of the import, of the work, and of all from the start of the process; and what came of it."""
    np.save(folder / "vectors.npy", vectors)
    program = PROGRAM.format(library=LIBRARIES[name])
    began = time.perf_counter()
    done = subprocess.run([python, "-W", "ignore", "-c", program, str(folder / "vectors.npy"), str(folder / "out.npy")],
                          capture_output=True, text=True)  # fmt: skip
    seconds = time.perf_counter() - began
    if done.returncode:
        print(f"left out: {name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    imported, worked = json.loads(done.stdout.splitlines()[-1])
    return imported, worked, seconds, np.load(folder / "out.npy")


def quality(vectors: np.ndarray, points: np.ndarray) -> str:
    *_, trust = TrustMeasure(points, most_points=2000).results(vectors)
    return "{:.3f} | {:.3f}".format(*trust.overall)


def pictures(vectors: np.ndarray, python: str, folder: Path) -> None:
    print(f"\n{len(vectors):,} × {vectors.shape[1]}; seconds from asking.\n")
    print("| | first picture (PCA) | its own first | finished | stopped in | trustworthiness | continuity |")
    print("|---|---|---|---|---|---|---|")
    for method, libraries in ((Tsne(), ("openTSNE (FFT)", "scikit-learn TSNE")), (Umap(), ("umap-learn",))):
        came, seconds = ours(vectors, method)
        own = next(at for at, picture in came if picture.snapshot.step > 0)
        print(f"| {method.name} | {came[0][0]:.2f} | {own:.2f} | {seconds:.1f} | {stopping(vectors, method):.2f} "
              f"| {quality(vectors, came[-1][1].snapshot.points)} |", flush=True)  # fmt: skip
        for name in libraries:
            if (found := theirs(python, name, vectors, folder)) is not None:
                imported, worked, seconds, points = found
                print(f"| {name} | none | none | {seconds:.1f} (import {imported:.1f}, work {worked:.1f}) | none "
                      f"| {quality(vectors, points)} |", flush=True)  # fmt: skip


def large(rows: int, python: str, folder: Path) -> None:
    vectors = groups(rows)
    came, seconds = ours(vectors, PrincipalComponents())
    began = time.perf_counter()
    list(PrincipalComponents().pictures(vectors, 0))
    here = time.perf_counter() - began
    print(f"\nPCA of {rows:,} × 100, seconds (aim: 3)\n\n| | first picture | finished |\n|---|---|---|")
    print(f"| in its process | {came[0][0]:.2f} | {seconds:.2f} |\n| the work alone | | {here:.2f} |", flush=True)
    if (found := theirs(python, "scikit-learn PCA", vectors, folder)) is not None:
        print(f"| scikit-learn | | {found[2]:.2f} (import {found[0]:.1f}, work {found[1]:.2f}) |", flush=True)


def clusters(python: str, folder: Path) -> None:
    vectors = groups(30_000)
    seconds, found = aside(vectors, KMeans(50))
    print("\nk-means, 50 clusters of 30,000 × 100, best of 4 tries\n\n| | seconds | Σ ‖x − centre‖² |\n|---|---|---|")
    print(f"| ours, in its process | {seconds:.2f} | {found.spread:.0f} |", flush=True)  # type: ignore[attr-defined]
    if (other := theirs(python, "scikit-learn KMeans", vectors, folder)) is not None:
        print(f"| scikit-learn | {other[2]:.2f} (import {other[0]:.1f}, work {other[1]:.2f}) | {other[3].item():.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--vectors", type=Path, help="a table to draw instead of one made up")
    parser.add_argument("--libraries", default=sys.executable, help="an interpreter that has the libraries")
    parser.add_argument("--large", type=int, default=1_000_000, help="rows for PCA; 0 for none")
    asked = parser.parse_args()
    print(machine.describe())
    vectors = np.load(asked.vectors)[: asked.rows] if asked.vectors else groups(asked.rows)
    with tempfile.TemporaryDirectory() as folder:
        pictures(vectors.astype(np.float32), asked.libraries, Path(folder))
        clusters(asked.libraries, Path(folder))
        if asked.large:
            large(asked.large, asked.libraries, Path(folder))


if __name__ == "__main__":
    main()
