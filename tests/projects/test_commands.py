"""A project from its draft to its end: who may do what, when, and what everybody is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.projects import commands, queries
from marketplace.projects.model import Project
from marketplace.projects.states import ProjectState
from tests.projects.village import a_village, an_open


def test_walk(db: Session, now: datetime) -> None:
    village = a_village(db, now)
    project_id = an_open(db, village, now)
    assert db.get_one(Project, project_id).state is ProjectState.OPEN
    view = queries.project(db, project_id, now=now)
    print(view)
