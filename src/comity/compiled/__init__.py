"""The same answers as `decide`, compiled: one at once, or millions together."""
