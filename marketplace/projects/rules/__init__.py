"""Pure decisions about service projects."""

from marketplace.projects.rules.differences import Difference, differences
from marketplace.projects.rules.gates import LABELS, Facts, Section, gates, headings_left, section_of
from marketplace.projects.rules.plan import (
    ConditionPlan,
    CostPlan,
    CriterionPlan,
    FundingPlan,
    MilestonePlan,
    NegativeAnswers,
    Plan,
    Times,
    moment,
)
from marketplace.projects.rules.questions import asker_digest, earliest_close
from marketplace.projects.rules.stages import (
    STAGE_NAMES,
    Course,
    Stage,
    StageCode,
    StageStatus,
    stages,
)
from marketplace.projects.rules.steps import BadStep, Step, parse_steps, points, write_steps
from marketplace.projects.rules.templates import GENERAL_CONDITIONS, TEMPLATES, TemplateCode, prefill
from marketplace.projects.rules.times import TIME_NAMES, TimeField, bases, check_times, propose, table_of
from marketplace.projects.rules.wording import Concern, Flag, flags

__all__ = [
    "GENERAL_CONDITIONS",
    "LABELS",
    "STAGE_NAMES",
    "TEMPLATES",
    "TIME_NAMES",
    "BadStep",
    "Concern",
    "ConditionPlan",
    "CostPlan",
    "Course",
    "CriterionPlan",
    "Difference",
    "Facts",
    "Flag",
    "FundingPlan",
    "MilestonePlan",
    "NegativeAnswers",
    "Plan",
    "Section",
    "Stage",
    "StageCode",
    "StageStatus",
    "Step",
    "TemplateCode",
    "TimeField",
    "Times",
    "asker_digest",
    "bases",
    "check_times",
    "differences",
    "earliest_close",
    "flags",
    "gates",
    "headings_left",
    "moment",
    "parse_steps",
    "points",
    "prefill",
    "propose",
    "section_of",
    "stages",
    "table_of",
    "write_steps",
]
