"""Recurrent operators written out as loops of primitive ones."""
