"""Long work on a table of vectors in a process of its own: it shows what it has, and can be stopped."""
