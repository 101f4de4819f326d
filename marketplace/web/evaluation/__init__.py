"""Pages and JSON of evaluations: panel, checks, lonely scoring, report, award, result."""

from marketplace.web.evaluation.api import AwardApi, EvaluationApi
from marketplace.web.evaluation.judging import Checks, Scores
from marketplace.web.evaluation.pages import Declarations, Evaluations, Panels
from marketplace.web.evaluation.reporting import Reports
from marketplace.web.evaluation.results import Results

ROUTES = [Evaluations, Panels, Declarations, Checks, Scores, Reports, Results, EvaluationApi, AwardApi]
