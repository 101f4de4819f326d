"""What is sealed opens for two of three and for nobody else; what was touched is found."""

import itertools
import os
from uuid import UUID, uuid4

import pytest
from cryptography.utils import Buffer
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.bids.sealing import digests, drafts, envelope, files, keys, padding, suites
from marketplace.bids.sealing.errors import (
    CorruptEnvelope,
    SameOpenerTwice,
    TooLargeToSeal,
    UnknownSuite,
    WrongPassphrase,
)
from marketplace.bids.sealing.keys import Seat

PROJECT = UUID(int=1)
PLACE = envelope.Place(PROJECT, UUID(int=2), 1)
CHEAP = keys.Cost(passes=1, lanes=1, memory_kib=64)
PUBLIC = suites.DEFAULT.public
PRIVATE = PUBLIC.new_private()


def an_opener(passphrase: str = "一句只有我知道的话") -> tuple[keys.OpenerKey, bytes, UUID]:
    owner = uuid4()
    key = keys.new_opener_key(passphrase, owner, cost=CHEAP)
    return key, keys.unlock(key, passphrase, owner), owner


def three() -> tuple[dict[Seat, bytes], keys.ProjectKey]:
    private = {seat: an_opener()[1] for seat in Seat}
    return private, keys.new_project_key(PROJECT, {s: PUBLIC.public_of(k) for s, k in private.items()})


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(Seat, 2)))
def test_any_two_of_three_open_in_either_order(first: Seat, second: Seat) -> None:
    private, key = three()
    sealed = envelope.seal(b"the bid", key.public, PLACE)
    peeled = keys.peel(PROJECT, key, first, private[first])[second]
    opened = keys.unwrap(PROJECT, key, (first, second), peeled, private[second])
    assert envelope.unseal(sealed, opened, PLACE) == b"the bid"


def test_one_opener_alone_never_opens() -> None:
    private, key = three()
    mine = private[Seat.CENTRE]
    for peeled in keys.peel(PROJECT, key, Seat.CENTRE, mine).values():
        for pair in itertools.permutations(Seat, 2):
            with pytest.raises(CorruptEnvelope):
                keys.unwrap(PROJECT, key, pair, peeled, mine)
    with pytest.raises(SameOpenerTwice):
        keys.unwrap(PROJECT, key, (Seat.CENTRE, Seat.CENTRE), b"", mine)
    for (outer, _inner), wrapped in key.wrapped.items():
        if outer is not Seat.CENTRE:
            with pytest.raises(CorruptEnvelope):
                PUBLIC.decrypt(wrapped, mine, b"")


def test_the_first_part_is_of_no_use_for_another_project() -> None:
    private, key = three()
    peeled = keys.peel(PROJECT, key, Seat.BUYER, private[Seat.BUYER])[Seat.CENTRE]
    with pytest.raises(CorruptEnvelope):
        keys.unwrap(UUID(int=9), key, (Seat.BUYER, Seat.CENTRE), peeled, private[Seat.CENTRE])
    with pytest.raises(CorruptEnvelope):
        keys.peel(UUID(int=9), key, Seat.BUYER, private[Seat.BUYER])


def test_an_exchanged_public_key_is_noticed_when_opening() -> None:
    private, key = three()
    other = PUBLIC.public_of(PUBLIC.new_private())
    changed = keys.ProjectKey(key.suite, other, key.wrapped)
    with pytest.raises(CorruptEnvelope):
        keys.peel(PROJECT, changed, Seat.BUYER, private[Seat.BUYER])


def test_one_key_cannot_sit_on_two_seats() -> None:
    public = PUBLIC.public_of(PRIVATE)
    with pytest.raises(SameOpenerTwice):
        keys.new_project_key(PROJECT, dict.fromkeys(Seat, public))
    with pytest.raises(SameOpenerTwice):
        keys.new_project_key(PROJECT, {Seat.CENTRE: public})


def test_a_wrong_passphrase_unlocks_nothing() -> None:
    key, _private, owner = an_opener("correct horse")
    with pytest.raises(WrongPassphrase):
        keys.unlock(key, "correct hors", owner)
    with pytest.raises(WrongPassphrase):
        keys.unlock(key, "correct horse", uuid4())


def test_a_passphrase_typed_in_full_width_or_with_spaces_around_is_the_same() -> None:
    key, private, owner = an_opener("abc123 开启")
    assert keys.unlock(key, " ａｂｃ１２３ 开启 ", owner) == private


def test_a_locked_key_of_another_pair_is_noticed() -> None:
    key, _private, owner = an_opener("p")
    with pytest.raises(CorruptEnvelope):
        keys.unlock(keys.OpenerKey(PUBLIC.public_of(PRIVATE), key.locked_private), "p", owner)


def test_a_changed_locked_key_unlocks_nothing() -> None:
    key, _private, owner = an_opener("p")
    for at in range(len(key.locked_private)):
        locked = bytearray(key.locked_private)
        locked[at] ^= 1
        if at in range(4, 10):
            locked[at] = 255  # absurd costs are refused before they are tried
        with pytest.raises((WrongPassphrase, CorruptEnvelope)):
            keys.unlock(keys.OpenerKey(key.public, bytes(locked)), "p", owner)
    with pytest.raises(CorruptEnvelope):
        keys.unlock(keys.OpenerKey(key.public, b""), "p", owner)


@given(st.binary(max_size=40_000))
def test_what_goes_in_comes_out_and_only_the_class_shows(content: bytes) -> None:
    sealed = envelope.seal(content, PUBLIC.public_of(PRIVATE), PLACE)
    assert envelope.unseal(sealed, PRIVATE, PLACE) == content
    assert len(sealed) - len(envelope.seal(b"", PUBLIC.public_of(PRIVATE), PLACE)) in {0, 2**14, 3 * 2**14}


def test_any_flipped_byte_of_an_envelope_is_found() -> None:
    sealed = envelope.seal(b"price 100", PUBLIC.public_of(PRIVATE), PLACE)
    places = [*range(200), *range(200, len(sealed), 97), len(sealed) - 1]
    for at in places:
        broken = bytearray(sealed)
        broken[at] ^= 0x40
        with pytest.raises(CorruptEnvelope):
            envelope.unseal(bytes(broken), PRIVATE, PLACE)


@given(st.integers(0, 20_000), st.binary(max_size=3))
def test_a_cut_or_lengthened_envelope_is_found(cut: int, more: bytes) -> None:
    sealed = envelope.seal(b"price 100", PUBLIC.public_of(PRIVATE), PLACE)
    broken = sealed[:cut] + more
    if broken != sealed:
        with pytest.raises(CorruptEnvelope):
            envelope.unseal(broken, PRIVATE, PLACE)


@pytest.mark.parametrize(
    "place",
    [
        envelope.Place(UUID(int=3), PLACE.bid_id, 1),
        envelope.Place(PROJECT, UUID(int=3), 1),
        envelope.Place(PROJECT, PLACE.bid_id, 2),
    ],
)
def test_an_envelope_opens_only_where_it_belongs(place: envelope.Place) -> None:
    sealed = envelope.seal(b"x", PUBLIC.public_of(PRIVATE), PLACE)
    with pytest.raises(CorruptEnvelope):
        envelope.unseal(sealed, PRIVATE, place)


def test_an_unknown_suite_is_named_as_such() -> None:
    sealed = envelope.seal(b"x", PUBLIC.public_of(PRIVATE), PLACE)
    with pytest.raises(UnknownSuite):
        envelope.unseal(sealed.replace(b"HPKE", b"SM2-"), PRIVATE, PLACE)


class _Weak:
    """Stands for another national suite: the same keys, marked ciphertexts."""

    new_private, public_of = staticmethod(PUBLIC.new_private), staticmethod(PUBLIC.public_of)

    def encrypt(self, plaintext: Buffer, public: bytes, info: bytes) -> bytes:
        return b"other" + PUBLIC.encrypt(plaintext, public, info)

    def decrypt(self, ciphertext: bytes, private: bytes, info: bytes) -> bytes:
        return PUBLIC.decrypt(ciphertext.removeprefix(b"other"), private, info)


def test_another_suite_takes_its_place_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    other = suites.Suite("OTHER/1", _Weak(), suites.DEFAULT.aead)
    monkeypatch.setitem(suites.SUITES, other.name, other)
    sealed = envelope.seal(b"x", PUBLIC.public_of(PRIVATE), PLACE, suite=other)
    assert envelope.unseal(sealed, PRIVATE, PLACE) == b"x"
    sealer = files.FileSealer(suite=other)
    assert b"".join(files.unseal_pieces([sealer.update(b"y"), sealer.finish()], sealer.key, 1)) == b"y"


def test_content_beyond_the_largest_class_is_refused() -> None:
    with pytest.raises(TooLargeToSeal):
        padding.pad(bytes(padding.LARGEST))


def test_padding_that_is_not_zeros_is_found() -> None:
    padded = padding.pad(b"abc")
    with pytest.raises(CorruptEnvelope):
        padding.unpad(padded[:-1] + b"x")
    with pytest.raises(CorruptEnvelope):
        padding.unpad(b"\xff" + padded[1:])
    with pytest.raises(CorruptEnvelope):
        padding.unpad(b"")


@given(st.integers(0, 10_000))
def test_padded_frames_cost_at_most_an_eighth(frames: int) -> None:
    padded = padding.frames_padded(frames)
    assert max(frames, 1) <= padded <= max(frames, 1) * 9 / 8
    assert padding.frames_padded(padded) == padded


SIZES = st.one_of(
    st.integers(0, 300),
    st.integers(files.FRAME - 2, files.FRAME + 2),
    st.integers(17 * files.FRAME - 1, 17 * files.FRAME + 1),
)


def sealed_file(size: int, piece: int) -> tuple[files.FileSealer, bytes, bytes]:
    content = os.urandom(size)
    sealer = files.FileSealer()
    pieces = (content[at : at + piece] for at in range(0, size, piece))
    return sealer, content, b"".join(files.seal_pieces(pieces, sealer))


@settings(max_examples=40, deadline=None)
@given(SIZES, st.sampled_from([1_000, files.FRAME, 100_000, 3_000_000]), st.sampled_from([999, 200_000]))
def test_a_file_comes_back_whatever_its_pieces(size: int, piece: int, read: int) -> None:
    sealer, content, sealed = sealed_file(size, piece)
    back = files.unseal_pieces((sealed[at : at + read] for at in range(0, len(sealed), read)), sealer.key, size)
    assert b"".join(back) == content
    assert (sealer.size, sealer.sha256) == (size, digests.sha256_hex(content))


def _frames(sealed: bytes) -> tuple[bytes, list[bytes]]:
    step = files.FRAME + 16
    start = len(sealed) % step
    return sealed[:start], [sealed[at : at + step] for at in range(start, len(sealed), step)]


def test_frames_dropped_exchanged_repeated_or_added_are_found() -> None:
    sealer, content, sealed = sealed_file(5 * files.FRAME + 7, 100_000)
    head, frames = _frames(sealed)
    assert len(frames) == 6
    for broken in (
        frames[:-1],
        frames[1:],
        frames[:2] + frames[3:],
        [frames[1], frames[0], *frames[2:]],
        [*frames, frames[-1]],
        [frames[0], *frames],
        [],
    ):
        with pytest.raises(CorruptEnvelope):
            list(files.unseal_pieces([head, *broken], sealer.key, len(content)))
    with pytest.raises(CorruptEnvelope):
        list(files.unseal_pieces([sealed], sealer.key, len(content) + files.FRAME))
    with pytest.raises(CorruptEnvelope):
        list(files.unseal_pieces([sealed[:-1]], sealer.key, len(content)))


def test_any_flipped_byte_of_a_file_is_found() -> None:
    sealer, content, sealed = sealed_file(2 * files.FRAME + 7, 100_000)
    for at in [*range(60), *range(60, len(sealed), 1_999), len(sealed) - 1]:
        broken = bytearray(sealed)
        broken[at] ^= 1
        with pytest.raises(CorruptEnvelope):
            list(files.unseal_pieces([bytes(broken)], sealer.key, len(content)))


def test_a_large_file_never_sits_in_memory() -> None:
    sealer = files.FileSealer()
    most = 0
    for _ in range(64):
        ready = sealer.update(bytes(2**20))
        most = max(most, len(ready) + len(sealer._rest))
    assert most < 2**20 + 3 * files.FRAME
    assert sealer.size == 64 * 2**20


APP = drafts.ApplicationKeys(b"\1" * 32)


def test_a_draft_opens_with_its_seed_or_its_code_and_nothing_else() -> None:
    seed, bid = drafts.new_seed(), uuid4()
    sealed = drafts.seal_draft(seed, b"half a plan", bid)
    assert drafts.unseal_draft(seed, sealed, bid) == b"half a plan"
    typed = drafts.code_of(seed).lower().replace("-", " ").replace("o", "0").replace("i", "1")
    assert drafts.seed_of(typed) == seed
    assert drafts.seed_of("not a code") is None
    assert drafts.seed_of("编码") is None
    for wrong_seed, wrong_bid in ((drafts.new_seed(), bid), (seed, uuid4())):
        with pytest.raises(CorruptEnvelope):
            drafts.unseal_draft(wrong_seed, sealed, wrong_bid)


def test_a_wrapped_seed_needs_the_applications_secret() -> None:
    seed, bid = drafts.new_seed(), uuid4()
    wrapped = drafts.wrap_seed(APP, seed, bid)
    assert drafts.unwrap_seed(APP, wrapped, bid) == seed
    with pytest.raises(CorruptEnvelope):
        drafts.unwrap_seed(drafts.ApplicationKeys(b"\2" * 32), wrapped, bid)
    with pytest.raises(CorruptEnvelope):
        drafts.unwrap_seed(APP, b"", bid)
    assert "…" in repr(APP)


def test_a_bidder_has_another_digest_in_every_project() -> None:
    who = uuid4()
    one = digests.bidder_digest(APP, PROJECT, who)
    assert one == digests.bidder_digest(APP, PROJECT, who)
    assert one != digests.bidder_digest(APP, UUID(int=5), who)
    assert one != digests.bidder_digest(drafts.ApplicationKeys(b"\2" * 32), PROJECT, who)


def test_a_voucher_depends_on_every_part() -> None:
    assert drafts.voucher(APP, "a", "b") != drafts.voucher(APP, "ab", "")


def test_a_commitment_says_nothing_without_its_salt() -> None:
    salt = digests.new_salt()
    assert digests.commitment(salt, b"e") == digests.commitment(salt, b"e")
    assert digests.commitment(digests.new_salt(), b"e") != digests.commitment(salt, b"e")


def test_sm3_gives_the_standards_values() -> None:
    assert digests.sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digests.sm3_hex(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
