"""Tables of service projects."""

from marketplace.projects.model.life import FeedEnd, Following, Notice, ProjectFile, PublicEvent, Question
from marketplace.projects.model.needs import Need, Share
from marketplace.projects.model.project import (
    PARTS,
    Condition,
    CostLine,
    Criterion,
    Milestone,
    PlannedFunding,
    Project,
)

__all__ = [
    "PARTS",
    "Condition",
    "CostLine",
    "Criterion",
    "FeedEnd",
    "Following",
    "Milestone",
    "Need",
    "Notice",
    "PlannedFunding",
    "Project",
    "ProjectFile",
    "PublicEvent",
    "Question",
    "Share",
]
