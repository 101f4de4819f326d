"""Files sealed as they stream by: numbered frames under a key of the file's own, the last one marked."""

import hashlib
import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.utils import Buffer

from marketplace.bids.sealing.errors import CorruptEnvelope
from marketplace.bids.sealing.padding import frames_padded
from marketplace.bids.sealing.suites import DEFAULT, Aead, Suite, read_header
from marketplace.bids.sealing.suites import header as sealed_header

FRAME = 64 * 1024
"""Bytes of the file in one frame; the sealed frame is 16 bytes longer."""

_MAGIC = b"SBF1"
_TAG = 16


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class FileSealer:
    """Seals one file piece by piece, holding one frame. ``key``, ``size`` and ``sha256`` go into the envelope.

    The key is fresh for every file, so that a frame's number can be its nonce. Zeros after the last byte bring
    the file to one of few sizes; how many bytes are real only the envelope tells.
    """

    def __init__(self, *, suite: Suite = DEFAULT) -> None:
        self.key = os.urandom(suite.key_bytes)
        self.size = 0
        self._head = sealed_header(_MAGIC, suite)
        self._aead: Aead = suite.aead(self.key)
        self._digest = hashlib.sha256()
        self._rest = bytearray()
        self._frames = 0

    @property
    def sha256(self) -> str:
        """The digest of the file itself, in hexadecimal."""
        return self._digest.hexdigest()

    def update(self, piece: bytes) -> bytes:
        """The sealed bytes that are ready after ``piece``."""
        self.size += len(piece)
        self._digest.update(piece)
        out = [] if self._frames else [self._head]
        view, at = memoryview(piece), 0
        if self._rest:
            at = min(FRAME - len(self._rest), len(piece))
            self._rest += view[:at]
        while at < len(piece):  # more follows, so what is held is not the file's last frame
            if self._rest:
                out.append(self._seal(self._rest, last=False))
                self._rest = bytearray()
            if len(piece) - at > FRAME:
                out.append(self._seal(view[at : at + FRAME], last=False))
                at += FRAME
            else:
                self._rest += view[at:]
                at = len(piece)
        return b"".join(out) if self._frames else b""

    def finish(self) -> bytes:
        """The sealed bytes that remain, with the filling and the mark of the end."""
        out = [] if self._frames else [self._head]
        frames = frames_padded(self._frames + 1)
        frame = bytes(self._rest).ljust(FRAME, b"\0")
        while self._frames < frames:
            out.append(self._seal(frame, last=self._frames == frames - 1))
            frame = bytes(FRAME)
        self._rest.clear()
        return b"".join(out)

    def _seal(self, frame: Buffer, *, last: bool) -> bytes:
        sealed = self._aead.encrypt(_nonce(self._frames, last=last), frame, self._head)
        self._frames += 1
        return sealed


def seal_pieces(pieces: Iterable[bytes], sealer: FileSealer) -> Iterator[bytes]:
    """The sealed form of a file that comes in pieces, as it comes."""
    for piece in pieces:
        if ready := sealer.update(piece):
            yield ready
    yield sealer.finish()


def unseal_pieces(pieces: Iterable[bytes], key: bytes, size: int) -> Iterator[bytes]:
    """The file again, frame by frame; what it yields is proved up to there, the end only when it ends.

    Raises:
        CorruptEnvelope: a byte changed, frames are missing, exchanged or added, or it is another file.
    """
    source = _Buffer(pieces)
    suite, head = read_header(_MAGIC, source.take_header())
    aead = suite.aead(key)
    number, left = 0, size
    while True:
        sealed = source.take(FRAME + _TAG)
        last = source.ended()
        try:
            frame = aead.decrypt(_nonce(number, last=last), sealed, head)
        except (InvalidTag, ValueError):
            raise CorruptEnvelope from None
        if left:
            yield frame[:left]
        left -= min(left, FRAME)
        number += 1
        if last:
            break
    if left or number != frames_padded((size + FRAME - 1) // FRAME):
        raise CorruptEnvelope


class _Buffer:
    """Takes exact numbers of bytes from pieces of any length."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = bytearray()

    def _fill(self, count: int) -> None:
        while len(self._rest) < count:
            piece = next(self._pieces, None)
            if piece is None:
                return
            self._rest += piece

    def take(self, count: int) -> bytes:
        """Up to ``count`` bytes, fewer only at the end."""
        self._fill(count)
        taken = bytes(self._rest[:count])
        del self._rest[:count]
        return taken

    def take_header(self) -> bytes:
        """The magic word, the length and the suite's name."""
        start = self.take(len(_MAGIC) + 1)
        return start + self.take(start[-1] if len(start) > len(_MAGIC) else 0)

    def ended(self) -> bool:
        """Whether nothing is left."""
        self._fill(1)
        return not self._rest
