"""What one side has by itself: a gate, a record."""
