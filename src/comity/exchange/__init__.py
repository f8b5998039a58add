"""A node: load, decide, record, dispatch."""
