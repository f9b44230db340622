"""What to feed a graph for a sentence: every input recognised by what the graph does with it."""
