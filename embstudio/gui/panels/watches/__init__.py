"""The parts of the Watches panel: the field that expressions are typed in, and the two lists."""
