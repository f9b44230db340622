"""How long opening a model takes: the first time, when everything is found out, and again, when it is remembered.

    python benchmarks/reopening.py MODEL.onnx [times]

Each opening is a whole one, from the file to a model that was tried out and is ready to run; libraries are loaded.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from embstudio.session.known_models import KnownModels
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner
from embstudio.session.verdict import verdict


def main(path: Path, times: int) -> None:
    """Print one line an opening."""
    with tempfile.TemporaryDirectory() as folder:
        remembered, model = KnownModels(Path(folder)), ModelRef(path)
        for _ in range(times):
            started = time.perf_counter()
            runner = Runner.open(model, remembered)
            print(f"{1000 * (time.perf_counter() - started):.0f} ms  {verdict(runner.opened)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 4)
