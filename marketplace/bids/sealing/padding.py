"""Lengths that say little: content is filled up to one of few sizes before it is sealed."""

from marketplace.bids.sealing.errors import CorruptEnvelope, TooLargeToSeal

SMALLEST = 16 * 1024
LARGEST = 8 * 1024 * 1024
_LENGTH = 4


def pad(content: bytes) -> bytes:
    """``content`` with its length before it, filled with zeros to 16 KiB times a power of two.

    Raises:
        TooLargeToSeal: it would take more than 8 MiB.
    """
    size = SMALLEST
    while size < len(content) + _LENGTH:
        size *= 2
    if size > LARGEST:
        raise TooLargeToSeal
    filling = bytes(size - _LENGTH - len(content))
    return b"".join((len(content).to_bytes(_LENGTH, "big"), content, filling))


def unpad(padded: bytes) -> bytes:
    """What was filled up.

    Raises:
        CorruptEnvelope: the length does not fit, or the filling is not zeros.
    """
    end = _LENGTH + int.from_bytes(padded[:_LENGTH], "big")
    if len(padded) < SMALLEST or end > len(padded) or padded.count(0, end) != len(padded) - end:
        raise CorruptEnvelope
    return padded[_LENGTH:end]


def frames_padded(frames: int) -> int:
    """The number of frames a file of ``frames`` takes: at most an eighth more, and few different numbers."""
    frames = max(frames, 1)
    low_bits = max(frames.bit_length() - 4, 0)
    step = 1 << low_bits
    return (frames + step - 1) // step * step
