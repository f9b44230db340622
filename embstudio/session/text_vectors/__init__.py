"""One vector for each of many texts: in the worker in batches, and in a file of vectors that can be gone on with."""
