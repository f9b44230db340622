"""Models that people can add: made into ONNX from weights that a package carries, without PyTorch."""
