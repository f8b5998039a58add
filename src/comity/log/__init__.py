"""What happened, in an order that nobody can change unseen?"""

from comity.log.merkle import (
    Frontier,
    Node,
    consistency,
    frontier,
    in_memory,
    inclusion,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "Frontier",
    "Node",
    "consistency",
    "frontier",
    "in_memory",
    "inclusion",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]
