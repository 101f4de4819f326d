"""``python -m marketplace.standin --home DIR [--port N]``: the stand-ins until SIGINT or SIGTERM."""

import argparse
import signal
import sys
import threading
from pathlib import Path

import uvicorn

from marketplace.standin.identity import FOLDER, HOST, identity_of
from marketplace.standin.site import create_app
from marketplace.standin.store import Store


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    signal.raise_signal(signal.SIGTERM)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="marketplace.standin", description="Stand-ins of gateway and bank.")
    parser.add_argument("--home", type=Path, required=True, help="data folder")
    parser.add_argument(
        "--port", type=int, default=None, help="port on 127.0.0.1; default: the one kept, or a free one"
    )
    parser.add_argument("--tied", action="store_true", help="end when standard input ends, as it does with its parent")
    given = parser.parse_args()
    identity = identity_of(given.home, given.port)
    if given.tied:
        threading.Thread(target=_end_with_input, daemon=True).start()
    store = Store(given.home / FOLDER / "store.sqlite")
    uvicorn.run(
        create_app(store, identity),
        host=HOST,
        port=identity.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
