"""How a model is run: on which provider, at which precision, and what of it really ran where."""
