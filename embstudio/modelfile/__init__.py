"""An .onnx file as a plain graph, its tokenizer, and the catalogue of bundled models."""
