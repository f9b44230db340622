"""Where the user stands in a trace, and what one step shows."""
