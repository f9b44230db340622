"""The parts of the Memory panel: its header, and its pages."""
