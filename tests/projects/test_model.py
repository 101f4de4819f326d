"""The tables of projects refuse what the rules refuse."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def test_the_tables_are_there(db: Session) -> None:
    assert db.scalar(text("SELECT count(*) FROM project")) == 0
