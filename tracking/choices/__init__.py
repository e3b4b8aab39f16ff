"""The operator's choices Q-01 to Q-47: typed, validated, with the defaults of the rules.

    from tracking import choices

    answers = choices.Choices.defaults().with_values({"Q-07": {None: "CHF", 3: "EUR"}})
    answers.of("default_currency", school=3)     # "EUR"
    answers.of("batch").size                     # 500
    answers.fingerprint()                        # changes with any answer

Answers of several parts are read-only mappings with attributes. Pure Python: no models.
"""

from .answers import Choices
from .catalogue import ALL, find, parse
from .compound import Parts
from .errors import ChoiceError, ChoiceInvalid, ChoiceNotBuilt, ChoiceUnknown
from .question import Question

__all__ = [
    "ALL",
    "ChoiceError",
    "ChoiceInvalid",
    "ChoiceNotBuilt",
    "ChoiceUnknown",
    "Choices",
    "Parts",
    "Question",
    "find",
    "parse",
]
