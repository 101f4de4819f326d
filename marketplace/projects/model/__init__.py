"""Tables of service projects."""

from marketplace.projects.model.amending import ProjectEdition, ProposedAmendment
from marketplace.projects.model.life import FeedEnd, Following, Notice, ProjectFile, PublicEvent, Question
from marketplace.projects.model.needs import Need, Share
from marketplace.projects.model.preparing import (
    DemandSurvey,
    Draw,
    Intention,
    Invited,
    Minutes,
    PlanFiling,
    PreEvaluation,
    Reviewer,
    ReviewOpinion,
    SoleSource,
    SurveyAnswer,
)
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
    "DemandSurvey",
    "Draw",
    "FeedEnd",
    "Following",
    "Intention",
    "Invited",
    "Milestone",
    "Minutes",
    "Need",
    "Notice",
    "PlanFiling",
    "PlannedFunding",
    "PreEvaluation",
    "Project",
    "ProjectEdition",
    "ProjectFile",
    "ProposedAmendment",
    "PublicEvent",
    "Question",
    "ReviewOpinion",
    "Reviewer",
    "Share",
    "SoleSource",
    "SurveyAnswer",
]
