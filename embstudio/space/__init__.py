"""Sets of named vectors: metrics, neighbours, projections."""
