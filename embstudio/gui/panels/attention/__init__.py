"""The parts of the Attention panel: its header, and its pages Map, Stages and Heads."""
