"""What a giver bound is not used for anything else."""

from datetime import date

import pytest

from marketplace.funds.rules import (
    FundExpires,
    NotThisBuyersMoney,
    PurposeForbidden,
    Restriction,
    SourceKind,
    Use,
    strictest,
    use_refusals,
)
from marketplace.funds.states import FUND, FUNDING, RECEIPT

CARE = Use(catalogue_code="A0401", buyer_id="union", until=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("restriction", "refused"),
    [
        (Restriction(), []),
        (Restriction(catalogue_codes=frozenset({"A0401"})), []),
        (Restriction(catalogue_codes=frozenset({"A04"})), []),
        (Restriction(catalogue_codes=frozenset({"A0406"})), [PurposeForbidden]),
        (Restriction(expires_on=date(2026, 12, 31)), []),
        (Restriction(expires_on=date(2026, 12, 30)), [FundExpires]),
        (Restriction(catalogue_codes=frozenset({"B"}), expires_on=date(2026, 1, 1)), [PurposeForbidden, FundExpires]),
    ],
)
def test_a_restriction_forbids_every_use_outside_it(restriction: Restriction, refused: list[type]) -> None:
    assert [type(error) for error in use_refusals("捐赠", "union", restriction, CARE)] == refused


def test_another_buyers_money_is_not_touched() -> None:
    assert [type(error) for error in use_refusals("捐赠", "women", Restriction(), CARE)] == [NotThisBuyersMoney]


def test_mixed_money_follows_the_strictest_regime() -> None:
    assert strictest([SourceKind.DONATION, SourceKind.FISCAL, SourceKind.UNION]) is SourceKind.FISCAL
    assert strictest([SourceKind.DONATION, SourceKind.UNION]) is SourceKind.UNION


def test_the_tables_of_moves_are_these() -> None:
    assert {(str(a), str(b), str(c)) for (a, b), c in FUND.moves.items()} == {
        ("open", "close", "closed"),
        ("closed", "reopen", "open"),
    }
    assert {(str(a), str(b), str(c)) for (a, b), c in RECEIPT.moves.items()} == {("recorded", "void", "voided")}
    assert {(str(a), str(b), str(c)) for (a, b), c in FUNDING.moves.items()} == {
        ("reserved", "commit", "committed"),
        ("reserved", "release", "released"),
    }
