"""The application's keys for bids, out of the installation's one secret."""

from functools import lru_cache

from marketplace.bids.sealing.drafts import ApplicationKeys
from marketplace.settings import Settings, master_key


@lru_cache(maxsize=8)
def application_keys(settings: Settings) -> ApplicationKeys:
    """The keys of an installation, drawn once a process.

    Raises:
        BadSetting: the secret is not 64 hexadecimal digits.
    """
    return ApplicationKeys(master_key(settings))
