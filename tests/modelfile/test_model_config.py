"""What is read of a config.json, from files written as transformers writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embstudio.modelfile.model_config import ModelConfig


def beside(folder: Path, entries: Any) -> ModelConfig:
    (folder / "config.json").write_text(json.dumps(entries), encoding="utf-8")
    return ModelConfig.beside(folder / "model.onnx")


def test_sizes_under_the_names_of_several_architectures(tmp_path: Path) -> None:
    gpt2 = beside(tmp_path, {"n_embd": 64, "n_head": 4, "n_layer": 3, "n_positions": 128, "model_type": "gpt2"})
    assert (gpt2.width, gpt2.heads, gpt2.kv_heads, gpt2.head_dim, gpt2.layers) == (64, 4, 4, 16, 3)
    assert (gpt2.max_positions, gpt2.model_type) == (128, "gpt2")
    t5 = beside(tmp_path, {"d_model": 32, "d_kv": 7, "num_heads": 4, "num_layers": 2, "num_decoder_layers": 5,
                           "decoder_start_token_id": 0})  # fmt: skip
    assert (t5.head_dim, t5.layers, t5.decoder_start_id) == (7, 5, 0)
    grouped = beside(tmp_path, {"hidden_size": 64, "num_attention_heads": 8, "num_key_value_heads": 2})
    assert (grouped.kv_heads, grouped.head_dim) == (2, 8)
    assert beside(tmp_path, {"num_attention_heads": 8, "multi_query": True}).kv_heads == 1
    inner = beside(tmp_path, {"text_config": {"hidden_size": 48, "model_type": "inner"}, "model_type": "outer"})
    assert (inner.width, inner.model_type) == (48, "outer")


def test_labels_that_nobody_chose_are_none(tmp_path: Path) -> None:
    assert beside(tmp_path, {"id2label": {"1": "good", "0": "bad"}}).labels == ("bad", "good")
    assert beside(tmp_path, {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}).labels == ()
    assert beside(tmp_path, {"id2label": {"0": "bad", "7": "good"}}).labels == ()
    assert beside(tmp_path, {"id2label": ["bad", "good"]}).labels == ()


def test_a_file_one_folder_up_is_found_and_a_missing_one_is_none(tmp_path: Path) -> None:
    assert ModelConfig.beside(tmp_path / "model.onnx") == ModelConfig()
    beside(tmp_path, {"hidden_size": 8})
    assert ModelConfig.beside(tmp_path / "onnx" / "model.onnx").width == 8


@pytest.mark.parametrize("contents", [b"", b"\xff\xfe", b"[1]", b"[" * 100_000])
def test_a_broken_file_is_left_out_and_said(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "config.json").write_bytes(contents)
    config = ModelConfig.beside(tmp_path / "model.onnx")
    assert config.width is None
    assert not config.entries
    assert str(config.path) in config.problem


def test_values_of_the_wrong_sort_count_as_missing(tmp_path: Path) -> None:
    config = beside(tmp_path, {"hidden_size": "64", "num_attention_heads": True, "model_type": 3})
    assert (config.width, config.heads, config.head_dim, config.model_type) == (None, None, None, "")


@pytest.mark.zoo
def test_configs_that_were_deployed(zoo: Path) -> None:
    found = [ModelConfig.beside(path) for path in sorted((zoo / "_deployed").glob("*/model*.onnx"))]
    sized = [config for config in found if config.path]
    assert sized
    assert all(config.width and config.heads and config.head_dim and config.layers for config in sized)
