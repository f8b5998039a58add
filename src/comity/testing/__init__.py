"""Requests at the boundaries of a world, for tests of your own."""

from comity.testing.agree import Disagreement, assert_agree, permitted
from comity.testing.boundary import boundary_requests
from comity.testing.edges import Edge, Edges
from comity.testing.strategies import instants, items, requests

__all__ = [
    "Disagreement",
    "Edge",
    "Edges",
    "assert_agree",
    "boundary_requests",
    "instants",
    "items",
    "permitted",
    "requests",
]
