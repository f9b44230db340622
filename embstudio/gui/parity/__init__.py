"""The comparison of two ways to run a model."""
