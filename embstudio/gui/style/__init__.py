"""How everything looks: colours with one meaning each, type, numbers."""
