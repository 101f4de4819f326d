"""Field types refuse what no domain would take."""

from typing import Any

import msgspec
import pytest

from marketplace.kit import fields


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (fields.Fen, 1, 0),
        (fields.Fen, 10**15, 10**15 + 1),
        (fields.FenOrZero, 0, -1),
        (fields.BasisPoints, 10_000, 10_001),
        (fields.Count, 1, 0),
        (fields.Instant, "2026-03-02T09:00:00+08:00", "2026-03-02T09:00:00"),
        (fields.Title, "留守儿童暑期托管", "　 "),
        (fields.Name, "区", ""),
        (fields.Line, "", "长" * 501),
        (fields.Paragraphs, "", "长" * 20_001),
        (fields.Reason, "材料不齐", " "),
        (fields.Search, "儿童", "长" * 101),
        (fields.Uscc, "52511602MJX000018K", "52511602MJX000018K\n"),
        (fields.Region, "511602", "51160"),
        (fields.Phone, "0826-2000000", "2000000"),
        (fields.Phone, "13800000000", "13800000000 "),
        (fields.Email, "a@example.org", "a@example"),
        (fields.BankAccount, "6200000000000001234", "62 00"),
        (fields.Digest, "ab" * 32, "AB" * 32),
        (fields.CatalogueCode, "A0401", "A040"),
        (fields.ProcurementCode, "C05010200", "C0501"),
    ],
)
def test_a_field_takes_what_fits_and_refuses_what_does_not(kind: Any, good: object, bad: object) -> None:
    msgspec.convert(good, kind)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, kind)
