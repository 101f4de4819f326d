"""Pages and JSON of delivery: the supplier's reports, verification and acceptance at the desk."""

from marketplace.web.milestones.api import MilestonesApi, PublicMilestonesApi
from marketplace.web.milestones.centre import Acceptance
from marketplace.web.milestones.org import OrgMilestones

ROUTES = [OrgMilestones, Acceptance, MilestonesApi, PublicMilestonesApi]
