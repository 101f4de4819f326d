"""The envelope: one bid's content, encrypted to its project's public key and bound to where it belongs."""

from dataclasses import dataclass
from uuid import UUID

from marketplace.bids.sealing.padding import pad, unpad
from marketplace.bids.sealing.suites import DEFAULT, Suite, context, read_header
from marketplace.bids.sealing.suites import header as sealed_header

_MAGIC = b"SBE1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs: its project, its bid, and the number of the entry in that bid."""

    project_id: UUID
    bid_id: UUID
    entry: int

    def bytes(self) -> bytes:
        """The place as it is bound into the ciphertext."""
        return context("envelope", str(self.project_id), str(self.bid_id), str(self.entry))


def seal(content: bytes, public: bytes, place: Place, *, suite: Suite = DEFAULT) -> bytes:
    """Encrypt ``content`` to a project's public key, padded to a size class.

    Raises:
        TooLargeToSeal: the content is beyond the largest class.
    """
    head = sealed_header(_MAGIC, suite)
    return b"".join((head, suite.public.encrypt(pad(content), public, head + place.bytes())))


def unseal(envelope: bytes, private: bytes, place: Place) -> bytes:
    """The content of an envelope.

    Raises:
        CorruptEnvelope: a byte of it changed, or it was sealed for another place or key.
    """
    suite, head = read_header(_MAGIC, envelope)
    return unpad(suite.public.decrypt(envelope[len(head) :], private, head + place.bytes()))
