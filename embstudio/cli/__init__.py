"""The same verbs without a window. No Qt."""
