"""Field types with their limits, shared by every shape that goes in or out, so that a limit is stated once."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from marketplace.kit.money import FEN_MAX, WHOLE_BP

Fen = Annotated[int, Meta(ge=1, le=FEN_MAX, description="money in fen; 1 yuan = 100")]
FenOrZero = Annotated[int, Meta(ge=0, le=FEN_MAX, description="money in fen, may be none; 1 yuan = 100")]
BasisPoints = Annotated[int, Meta(ge=0, le=WHOLE_BP, description="hundredths of a percent; 100 % = 10000")]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000, description="how many")]
Instant = Annotated[datetime, Meta(tz=True, description="a moment with its offset; one without is refused")]

Title = Annotated[str, Meta(min_length=2, max_length=200, pattern=r"\S", description="one line")]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S", description="one line")]
Line = Annotated[str, Meta(max_length=500, description="one line, may be empty")]
Paragraphs = Annotated[str, Meta(max_length=20_000, description="text of several lines, may be empty")]
Reason = Annotated[str, Meta(min_length=2, max_length=2_000, pattern=r"\S", description="why, in words")]
Search = Annotated[str, Meta(max_length=100, description="words to look for")]

Uscc = Annotated[str, Meta(pattern=r"^[0-9A-HJ-NP-RTUWXY]{18}$(?!\n)", description="统一社会信用代码, 18 characters")]
Region = Annotated[str, Meta(pattern=r"^\d{6}$(?!\n)", description="administrative division, six figures")]
Phone = Annotated[
    str, Meta(pattern=r"^(1\d{10}|0\d{2,3}-\d{7,8}(-\d{1,6})?)$(?!\n)", description="13800000000 or 0826-2000000")
]
Email = Annotated[
    str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$(?!\n)", description="an e-mail address")
]
BankAccount = Annotated[str, Meta(pattern=r"^\d{8,32}$(?!\n)", description="figures only, as text")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="SHA-256 or SM3, hexadecimal")]
CatalogueCode = Annotated[str, Meta(pattern=r"^[AB](\d{2}){0,2}$(?!\n)", description="code in the service catalogue")]
ProcurementCode = Annotated[str, Meta(pattern=r"^C\d{8}$(?!\n)", description="code of 政府采购品目分类目录")]
