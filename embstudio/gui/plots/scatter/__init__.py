"""A scatter plot of ten to five million points, drawn without OpenGL."""
