"""Flat pictures of a table of vectors, worked out step by step: each can be looked at early and stopped at any time."""
