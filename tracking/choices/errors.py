"""What can be wrong with an operator's choice."""

from __future__ import annotations

from django.utils.translation import gettext as _


class ChoiceError(ValueError):
    """A choice cannot be accepted; the message names the key, the value and the next step."""


class ChoiceUnknown(ChoiceError):
    """There is no choice of that key or name."""


class ChoiceInvalid(ChoiceError):
    """The value is not one of those the choice allows."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        facts = {"key": key, "value": value, "allowed": allowed}
        super().__init__(_("%(key)s: %(value)r is not allowed. Allowed: %(allowed)s.") % facts)
        self.key, self.value, self.allowed = key, value, allowed


class ChoiceNotBuilt(ChoiceError):
    """The value is a valid answer, but the branch for it does not exist yet."""

    def __init__(self, key: str, value: object, built: str) -> None:
        facts = {"key": key, "value": value, "built": built}
        super().__init__(
            _("%(key)s: %(value)r is a valid answer but is not built. Built: %(built)s.") % facts
        )
        self.key, self.value, self.built = key, value, built
