"""What is inside a model, recognised by the structure of its graph and never by a name."""
