"""What people can add: models, made into ONNX from weights that a package carries, without PyTorch; and another package
of onnxruntime."""
