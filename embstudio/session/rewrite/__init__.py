"""A model's operators rewritten so that what happens inside them can be looked at: nothing else is changed."""
