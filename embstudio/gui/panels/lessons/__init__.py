"""What the Lessons panel is made of."""
