"""Which file of a folder is opened, for folders laid out as optimum, the Hub and onnxruntime-genai lay them out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.model_folder import is_named_by_folder, model_in


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["model.onnx", "model_quantized.onnx", "model_q4f16.onnx"], "model.onnx"),
        (["encoder_model.onnx", "decoder_model.onnx", "decoder_with_past_model.onnx"], "decoder_model.onnx"),
        (["encoder_model.onnx", "decoder_model.onnx", "decoder_model_merged.onnx", "decoder_with_past_model.onnx"],
         "decoder_model_merged.onnx"),
        (["decoder_model_merged_quantized.onnx", "decoder_model_merged.onnx"], "decoder_model_merged.onnx"),
        (["model.onnx", "onnx/model.onnx", "decoder_model.onnx"], "model.onnx"),
        (["onnx/model_fp16.onnx", "onnx/model.onnx", "config.json"], "onnx/model.onnx"),
        (["model_quantized.onnx", "model_fp16.onnx"], "model_fp16.onnx"),
        (["gpt2-10.onnx"], "gpt2-10.onnx"),
        (["gpt2.onnx", "gpt2.int8.onnx"], "gpt2.onnx"),
        (["encoder_model.onnx"], "encoder_model.onnx"),
    ],
)  # fmt: skip
def test_the_plain_whole_model_is_chosen(tmp_path: Path, names: list[str], chosen: str) -> None:
    assert model_in(filled(tmp_path, *names)) == tmp_path / chosen


def test_a_folder_of_onnxruntime_genai_names_its_model(tmp_path: Path) -> None:
    filled(tmp_path, "phi.onnx", "vision.onnx", "model.onnx")
    config = {"model": {"decoder": {"filename": "phi.onnx"}}}
    (tmp_path / "genai_config.json").write_text(json.dumps(config), encoding="utf-8")
    assert model_in(tmp_path) == tmp_path / "phi.onnx"
    (tmp_path / "genai_config.json").write_text("[]", encoding="utf-8")
    assert model_in(tmp_path) == tmp_path / "model.onnx"


def test_several_models_are_named_and_none_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="several models") as told:
        model_in(filled(tmp_path, "cats.onnx", "dogs.onnx"))
    assert "cats.onnx, dogs.onnx" in told.value.advice


def test_a_folder_without_models(tmp_path: Path) -> None:
    assert model_in(filled(tmp_path, "config.json")) is None


def test_a_file_called_as_all_are_is_named_by_its_folder() -> None:
    generic = ("model.onnx", "model_fp16.onnx", "decoder_model_merged.onnx", "encoder_model.onnx")
    assert all(is_named_by_folder(Path("t5-small") / name) for name in generic)
    assert not is_named_by_folder(Path("models") / "gpt2-10.onnx")
