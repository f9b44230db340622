"""Exact gradients inside an opened model: vector-Jacobian products in float64, from what onnxruntime observed."""
