"""What one side has by itself: a decision point, a gate, a record."""
