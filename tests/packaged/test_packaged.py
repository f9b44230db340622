"""The packaged program, as a person gets it: no Python, no environment, no network. `.ci/run` builds it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from tests.window.opening import open_and_picture

BUNDLED = {"sentiment-lstm", "sentiment-rnn", "next-word", "words"}


@pytest.fixture(scope="module")
def packaged() -> list[str]:
    """How to start it: without a network where the system lets us take it away."""
    folder = os.environ.get("EMBSTUDIO_PACKAGED")
    if not folder:
        pytest.skip("EMBSTUDIO_PACKAGED does not say where the packaged program is; .ci/run builds it")
    program = str(Path(folder, "embstudio").resolve(strict=True))
    return [*without_network(), program]


def without_network() -> list[str]:
    """The command that takes the network away, as root or as a user; none where the system forbids both."""
    if shutil.which("unshare"):
        for options in (["--net"], ["--map-root-user", "--net"]):
            if subprocess.run(["unshare", *options, "true"], capture_output=True).returncode == 0:
                return ["unshare", *options]
    return []


def test_its_own_check_finds_nothing_wrong(packaged: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*packaged, "check"], env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": os.defpath}, cwd=tmp_path,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    states = {line.split()[0] for line in done.stdout.splitlines()}
    assert states <= {"ok", "note"}
    assert sum(line.split()[1].rstrip(":") in BUNDLED for line in done.stdout.splitlines()) == len(BUNDLED)


def test_it_decides_a_branch_by_what_is_known(packaged: list[str], tmp_path: Path) -> None:
    """Constants are worked out with a part of onnx that nothing names until it is needed."""
    branches = {
        name: helper.make_graph(
            [helper.make_node(operator, ["x"], [name])], name, [],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)],
        )
        for name, operator in (("then_branch", "Softmax"), ("else_branch", "Neg"))
    }  # fmt: skip
    graph = helper.make_graph(
        [helper.make_node("Equal", ["two", "two"], ["same"]), helper.make_node("If", ["same"], ["y"], **branches)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor("two", TensorProto.INT64, [], [2])],
    )
    path = tmp_path / "model.onnx"
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )
    done = subprocess.run(
        [*packaged, "inspect", str(path), "--json"], capture_output=True, text=True,
        env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": os.defpath},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert any("If" in repair for repair in json.loads(done.stdout)["repairs"]), done.stdout


@pytest.mark.window
def test_its_window_opens(packaged: list[str], display: dict[str, str], tmp_path: Path) -> None:
    environment = {name: display[name] for name in ("DISPLAY", "HOME", "XDG_CONFIG_HOME", "LC_ALL")}
    picture = open_and_picture(packaged, "sentiment-lstm", environment | {"PATH": os.defpath}, tmp_path)
    assert picture.width() >= 1024
