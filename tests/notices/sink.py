"""A mail server of a few lines: takes every mail and keeps it, or refuses the addresses it is told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import SMTP


class Sink(socketserver.ThreadingTCPServer):
    """``mails`` are those taken, in order; ``refused`` addresses get the code that stands beside them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[Message] = []
        self.recipients: list[str] = []
        self.refused: dict[str, int] = {}

    @property
    def url(self) -> str:
        """The address for ``smtp_url``."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Talk(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        """Speak as much SMTP as a client needs."""
        self._say("220 sink")
        to = ""
        while line := self.rfile.readline().decode("ascii").strip():
            word = line.split(" ")[0].upper()
            if word == "QUIT":
                self._say("221 bye")
                return
            if word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                code = self.server.refused.get(to, 250)
                self._say(f"{code} ok" if code == 250 else f"{code} no")
            elif word == "DATA":
                self._say("354 go on")
                self._keep(to)
                self._say("250 taken")
            else:
                self._say("250 ok")

    def _keep(self, to: str) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=SMTP))
        self.server.recipients.append(to)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode("ascii"))


@contextmanager
def running() -> Iterator[Sink]:
    """A sink that listens for the length of the block."""
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()
