"""What sealing costs beside plain AES-GCM over the same bytes; printed, never failed by."""

import os
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marketplace.bids.sealing import envelope, files, suites

PLACE = envelope.Place(UUID(int=1), UUID(int=2), 1)

MIB = 2**20
ROUNDS = 7


def _best(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@pytest.mark.bench
def test_sealing_costs_at_most_twice_plain_aes_gcm(capsys: pytest.CaptureFixture[str]) -> None:
    content, key = os.urandom(16 * MIB), AESGCM(os.urandom(32))
    small = content[: 4 * MIB - 8]
    private = suites.DEFAULT.public.new_private()
    public = suites.DEFAULT.public.public_of(private)

    def plain(data: bytes) -> None:
        for at in range(0, len(data), MIB):
            key.encrypt(os.urandom(12), data[at : at + MIB], None)

    def sealed_file(*, digest: bool) -> None:
        sealer = files.FileSealer()
        if not digest:
            sealer._digest = _NoDigest()  # type: ignore[assignment]
        for at in range(0, len(content), MIB):
            sealer.update(content[at : at + MIB])
        sealer.finish()

    rows: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        base, base_small = _best(lambda: plain(content)), _best(lambda: plain(small))
        rows.setdefault("plain AES-GCM, ms per MiB", []).append(base * 1000 / 16)
        rows.setdefault("file frames without SHA-256 / plain", []).append(
            _best(lambda: sealed_file(digest=False)) / base
        )
        rows.setdefault("file frames with SHA-256 / plain", []).append(_best(lambda: sealed_file(digest=True)) / base)
        rows.setdefault("envelope of 4 MiB / plain", []).append(
            _best(lambda: envelope.seal(small, public, PLACE)) / base_small
        )
    with capsys.disabled():
        print()  # noqa: T201
        for name, values in rows.items():
            middle = sorted(values)[ROUNDS // 2]
            print(f"  {name:<40} {middle:6.2f}   (aim ≤ 2, spread {min(values):.2f} to {max(values):.2f})")  # noqa: T201


class _NoDigest:
    def update(self, data: bytes) -> None:
        """Take nothing in."""

    def hexdigest(self) -> str:
        return ""
