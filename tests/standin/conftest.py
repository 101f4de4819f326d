"""Running stand-ins of gateway and bank: a real process, started once for a run of tests, emptied for each."""

from collections.abc import Iterator

import pytest

from marketplace.payments.bank import Bank
from marketplace.payments.gateway import Gateway
from marketplace.standin import process
from marketplace.standin.control import Control

TIMEOUT_S = 1.0
HELD_S = 5.0
"""Scripted time-outs are held so long: longer than the adapters wait."""


@pytest.fixture(scope="session")
def standin_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    """Stand-ins that run until the tests are over."""
    with process.running(tmp_path_factory.mktemp("standin")) as control:
        yield control


@pytest.fixture
def standin(standin_process: Control) -> Control:
    """Running stand-ins that remember nothing."""
    standin_process.reset()
    return standin_process


@pytest.fixture
def gateway(standin: Control) -> Iterator[Gateway]:
    """The gateway's adapter, on the running stand-in."""
    found = Gateway(standin.gateway_url, standin.identity.key, standin.identity.secret, timeout_s=TIMEOUT_S)
    yield found
    found.close()


@pytest.fixture
def bank(standin: Control) -> Iterator[Bank]:
    """The bank's adapter, on the running stand-in."""
    found = Bank(standin.bank_url, timeout_s=TIMEOUT_S)
    yield found
    found.close()
