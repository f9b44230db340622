"""The tests of other providers with another package of onnxruntime, which is put beside the installed one for them.

    python -m tests.providers.try_wheel onnxruntime-openvino

Where the package cannot be had (no network, none for this system) that is said, and nothing fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 120  # for the download


def main(package: str) -> int:
    """Returns the exit status of the tests, or 0 where there is nothing to test."""
    folder = PROJECT / "build" / "providers" / package
    if not (folder / "onnxruntime").is_dir():
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
        try:
            done = subprocess.run(
                [*command, "--target", str(folder), package], capture_output=True, text=True, timeout=SECONDS
            )
            problem = done.stderr.strip().splitlines()[-1:] if done.returncode else []
        except subprocess.TimeoutExpired:
            problem = [f"not there after {SECONDS} seconds"]
        if problem:
            print(f"{package} cannot be had here, so it is not tried: {problem[0]}")
            return 0
    environment = {**os.environ, "PYTHONPATH": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    tests = [sys.executable, "-m", "pytest", "-q", "-rsfE", "-s", "tests/providers"]
    return subprocess.run(tests, cwd=PROJECT, env=environment).returncode


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Give the name of a package, such as onnxruntime-openvino.")
    sys.exit(main(sys.argv[1]))
