"""Requests at the boundaries of a world, for tests of your own."""
