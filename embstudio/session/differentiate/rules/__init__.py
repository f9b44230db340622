"""Rules of operators, one file a family."""
