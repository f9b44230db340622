"""Running models: instrumenting, providers, and the worker process that owns onnxruntime."""
