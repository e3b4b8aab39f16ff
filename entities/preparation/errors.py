"""Why the preparation stops."""


class PreparationRefused(RuntimeError):
    """The preparation of V5 cannot go on; the message names the thing and the next step."""
