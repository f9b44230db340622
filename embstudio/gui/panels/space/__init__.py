"""The pages of the Space panel."""
