"""The way out for mail: one SMTP server, reached anew for each mail; there may be none."""

import smtplib
import ssl
from contextlib import closing
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

TIMEOUT_S = 15
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Refused(Exception):
    """The mail server will never take this mail: the address is wrong or closed."""


class Post(Protocol):
    """Sends mails."""

    def send(self, message: EmailMessage, address: str) -> None:
        """Hand one mail over; returns when the server has taken it.

        Raises:
            Refused: the server refuses this address for good.
            OSError: the server is not there or fails for now (smtplib's errors are OSErrors).
        """


class SmtpPost:
    """Mail through the server at ``smtp://user:password@host:port`` (TLS where it offers it) or ``smtps://…``."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")

    def send(self, message: EmailMessage, address: str) -> None:
        """Hand one mail over.

        Raises:
            Refused: the server refuses this address for good.
            OSError: the server is not there or fails for now.
        """
        with closing(self._connect()) as server:
            try:
                server.send_message(message, to_addrs=[address])
            except smtplib.SMTPRecipientsRefused as error:
                code = max((code for code, _ in error.recipients.values()), default=0)
                if code >= 500:  # noqa: PLR2004 - a permanent refusal
                    raise Refused(str(code)) from None
                raise
            server.quit()

    def _connect(self) -> smtplib.SMTP:
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        try:
            server.ehlo()
            if not self._tls and self._host not in LOCAL and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def post_of(smtp_url: str) -> Post | None:
    """The configured way out, or None where mail is only kept."""
    return SmtpPost(smtp_url) if smtp_url else None


def compose(
    mail_id: UUID, *, sender: str, name: str, address: str, subject: str, text: str, at: datetime
) -> EmailMessage:
    """A mail ready to be sent; the same ``mail_id`` always gives the same Message-ID."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(at)
    message["From"] = sender
    message["To"] = Address(display_name=name, addr_spec=address)
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message
