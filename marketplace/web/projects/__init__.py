"""Pages and JSON of service projects: the public list and page, the desk, drafting, approval, questions."""

from marketplace.web.projects.amending import Corrections
from marketplace.web.projects.amending_api import CorrectionApi
from marketplace.web.projects.answers import AnswerApi, AnswerCorrections
from marketplace.web.projects.api import ProjectApi, QuestionApi
from marketplace.web.projects.desk_api import ProjectDeskApi
from marketplace.web.projects.drafting import Desk, Drafting
from marketplace.web.projects.feed import AtomFeed, Events
from marketplace.web.projects.following import FollowingApi, FollowingPages, Stopping
from marketplace.web.projects.joint import Joint, JointApi, JointDraft
from marketplace.web.projects.needs import StaffNeeds
from marketplace.web.projects.needs_answers import NeedAnswers
from marketplace.web.projects.needs_api import NeedApi, NeedDeskApi
from marketplace.web.projects.needs_mine import MyNeeds, PublicNeeds
from marketplace.web.projects.preparing import IntentionApi, IntentionPages, PreparingApi, PreparingPages
from marketplace.web.projects.public import Notices, ProjectPages, Short
from marketplace.web.projects.review import Answers, Review

ROUTES = [
    ProjectPages,
    Short,
    Notices,
    AtomFeed,
    Events,
    FollowingPages,
    Stopping,
    FollowingApi,
    Desk,
    Drafting,
    Review,
    Answers,
    Corrections,
    PreparingPages,
    IntentionPages,
    PreparingApi,
    IntentionApi,
    ProjectApi,
    ProjectDeskApi,
    QuestionApi,
    CorrectionApi,
    AnswerCorrections,
    AnswerApi,
    StaffNeeds,
    NeedAnswers,
    MyNeeds,
    PublicNeeds,
    NeedApi,
    NeedDeskApi,
    Joint,
    JointDraft,
    JointApi,
]
