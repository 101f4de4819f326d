"""Pages and JSON of contracts: drafting, approval, signature, publication."""

from marketplace.web.contracts.api import ContractApi
from marketplace.web.contracts.drafting import Beginning, Drafting
from marketplace.web.contracts.pages import CentreContracts, OrgContracts
from marketplace.web.contracts.public import OfProject, PublicContractApi, PublicContracts

ROUTES = [
    Beginning,
    Drafting,
    CentreContracts,
    OrgContracts,
    PublicContracts,
    OfProject,
    ContractApi,
    PublicContractApi,
]
