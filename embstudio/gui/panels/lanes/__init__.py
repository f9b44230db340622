"""The parts of the Lanes panel: one model after the other, each with its tokens in common columns."""
