"""The pages of the Gradient panel."""
