"""Exceptions of the engine. Bad data is not among them: that is a value, see `values.Problem`."""

from __future__ import annotations

from tracking.sentences import told


class EngineError(Exception):
    """Something went wrong that is not a fault of one legacy record."""


class BadValue(ValueError):
    """A legacy value that cannot be converted; the field's policy decides what becomes of it.

    `code` is a reason code of `tracking.codes`, `message` a sentence for a person that
    names the value's fault without repeating personal data; as text it is said to the reader.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message or code

    def __str__(self) -> str:
        return told(self.message)


class WrongDeclaration(EngineError):
    """A migration is declared wrongly; raised when the class is built or at start-up."""


class Refused(EngineError):
    """The engine refuses to start; the message names the cause and the next step, in the language of the reader."""

    def __str__(self) -> str:
        return told(self.message)

    @property
    def message(self) -> str:
        """As it is kept: English."""
        return self.args[0] if self.args else ""


class LostLease(EngineError):
    """Another worker holds this batch now; what this worker did for it is not recorded."""


class Unbalanced(EngineError):
    """Every row was read, yet some legacy keys have no disposition."""


class Transient(EngineError):
    """Worth trying again after a pause: deadlock, lock wait, lost connection, broker down."""


class MapConflict(Transient):
    """Another worker wrote the same map key first; reading again finds its entry."""
