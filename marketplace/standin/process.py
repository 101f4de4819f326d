"""Starts the stand-ins as a child process, and waits until they answer."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.standin.control import Control
from marketplace.standin.identity import identity_of, kept_identity

START_S = 30.0
STOP_S = 5.0
_LOOK_S = 0.05


class CannotStart(RuntimeError):
    """The stand-ins do not come up."""


def start(home: Path, port: int | None = None) -> tuple[subprocess.Popen[bytes], Control]:
    """Start the stand-ins over their store in ``home``; they end when the returned process's stdin is closed.

    Raises:
        CannotStart: they ended at once, or did not answer within half a minute.
    """
    control = Control(identity_of(home, port))
    command = [sys.executable, "-m", "marketplace.standin", "--home", str(home), "--port", str(control.identity.port)]
    child = subprocess.Popen([*command, "--tied"], stdin=subprocess.PIPE, start_new_session=True)
    waiting = threading.Event()
    for _ in range(int(START_S / _LOOK_S)):
        if control.is_up():
            return child, control
        if child.poll() is not None:
            break
        waiting.wait(_LOOK_S)
    stop(child)
    raise CannotStart(f"the stand-ins of gateway and bank did not start on port {control.identity.port}")


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a process that ``start`` returned."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@contextmanager
def running(home: Path, port: int | None = None) -> Iterator[Control]:
    """The stand-ins of ``home`` for the length of the block: those that run already, else a child that then ends.

    Raises:
        CannotStart: they do not come up.
    """
    kept = kept_identity(home)
    if kept is not None and Control(kept).is_up():
        yield Control(kept)
        return
    child, control = start(home, port)
    try:
        yield control
    finally:
        stop(child)
