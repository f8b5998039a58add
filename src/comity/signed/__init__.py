"""Who signed what, with which keys, and when?"""

from comity.signed.algorithms import (
    ED25519,
    MLDSA65,
    SPKI,
    X25519,
    XWING,
    Public,
    Secret,
    Signer,
    available,
    generate,
    require,
    signer,
)
from comity.signed.dsse import (
    Named,
    Verified,
    assemble,
    open_signed,
    sign,
    signature,
    signers_table,
)

__all__ = [
    "ED25519",
    "MLDSA65",
    "SPKI",
    "X25519",
    "XWING",
    "Named",
    "Public",
    "Secret",
    "Signer",
    "Verified",
    "assemble",
    "available",
    "generate",
    "open_signed",
    "require",
    "sign",
    "signature",
    "signer",
    "signers_table",
]
