"""Nouns that every room needs: errors, events, paths, settings."""
