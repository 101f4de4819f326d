"""How the gateway says no."""

from typing import Any


class Refusal(Exception):
    """An error answer; one that is ``kept`` is given again to the same idempotency key."""

    def __init__(
        self, status: int, kind: str, message: str, *, code: str = "", param: str = "", kept: bool = False
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message
        self.code, self.param, self.kept = code, param, kept

    def body(self) -> dict[str, Any]:
        """The error as the SDK reads it."""
        error = {"type": self.kind, "message": self.message}
        error |= {name: value for name, value in (("code", self.code), ("param", self.param)) if value}
        return {"error": error}


def invalid(message: str, *, param: str = "", code: str = "", kept: bool = False) -> Refusal:
    """The request cannot be carried out as it is."""
    return Refusal(400, "invalid_request_error", message, code=code, param=param, kept=kept)


def missing(kind: str, what: str) -> Refusal:
    """There is no such object."""
    return Refusal(404, "invalid_request_error", f"No such {kind}: '{what}'", code="resource_missing", param="id")


def mismatch(key: str) -> Refusal:
    """The idempotency key was used with other parameters."""
    text = f"Keys for idempotent requests can only be used with the same parameters they were first used with: '{key}'."
    return Refusal(400, "idempotency_error", text)


def unauthorized() -> Refusal:
    """The key is wrong or missing."""
    return Refusal(401, "invalid_request_error", "Invalid API Key provided.")


def scripted(code: str, reason: str) -> Refusal:
    """The script says no."""
    return Refusal(400, "invalid_request_error", reason, code=code, kept=True)
