"""What the database refuses of a roster, whoever asks."""

from datetime import datetime

import pytest
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from marketplace.aid.model import Entitlement
from tests.aid.home import RATE, a_draft, a_home


def test_the_amount_of_a_row_is_the_rate_or_the_database_refuses_it(db: Session, now: datetime) -> None:
    home = a_home(db, now)
    a_draft(db, home, now, people=(1,))
    row = db.scalars(select(Entitlement)).one()
    facts = {one.key: getattr(row, one.key) for one in inspect(Entitlement).column_attrs}
    db.delete(row)
    db.flush()
    with pytest.raises(IntegrityError, match="fk_aid_entitlement_rate"), db.begin_nested():
        db.execute(insert(Entitlement).values(facts | {"amount_fen": RATE + 1}))
    db.execute(insert(Entitlement).values(facts))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE aid_entitlement SET amount_fen = amount_fen + 1",
        "UPDATE aid_entitlement SET account_last4 = '0000'",
        "UPDATE aid_roster SET fund_id = gen_random_uuid()",
        "UPDATE aid_rate SET rate_fen = rate_fen + 1",
        "DELETE FROM aid_roster",
    ],
)
def test_what_a_roster_pays_to_whom_is_not_in_the_applications_power(
    db: Session, now: datetime, statement: str
) -> None:
    a_draft(db, a_home(db, now), now)
    with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
        db.execute(text(statement))
