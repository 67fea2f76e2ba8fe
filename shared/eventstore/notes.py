"""Signed notes and checkpoints as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

origin
size
base64(root)

— name base64(key id, 4 bytes ‖ Ed25519 signature of everything up to the empty line)
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519 = b"\x01"


class Signer:
    """A private key that signs under a name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.name = name
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    def line(self, text: str) -> str:
        """The signature line of a note's text."""
        signed = key_id(self.name, self.public) + self._private.sign(text.encode())
        return f"— {self.name} {b64encode(signed).decode()}\n"


def checkpoint(origin: str, size: int, root: bytes, signers: Sequence[Signer]) -> str:
    """A tree head, signed by each of the signers."""
    return signed(f"{origin}\n{size}\n{b64encode(root).decode()}\n", signers)


def signed(text: str, signers: Sequence[Signer]) -> str:
    """A text of lines as a note that each of the signers has signed."""
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def verifier_key(name: str, public: bytes) -> str:
    """The public key as customers keep it: `name+key id+base64(algorithm ‖ key)`."""
    return f"{name}+{key_id(name, public).hex()}+{b64encode(_ED25519 + public).decode()}"


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]
