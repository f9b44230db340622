"""Points, named axes and the Trace: what a model did with one input."""
