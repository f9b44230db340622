"""Widgets that draw numbers and know nothing of models."""
