"""How large a model is, what it costs, and how good the published laws say it gets. Pure arithmetic."""
