"""Everything Qt. No other room may import Qt."""
