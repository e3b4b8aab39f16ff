"""What a check is (reconciliation sections 1 and 2–11): a small declared class in the `checks.py` of its aggregate.

`Compared` holds legacy against V5 by key, `Scanned` looks for keys that break a rule, `Summed` holds figures by
group against each other, `Whole` does as it likes in one step. Expected figures come from SQL on legacy and from
the rules written down once more, never from functions of the loader (R 1.6).
"""

from entities.reconciliation.base import (
    STEP,
    Check,
    Figures,
    Kind,
    Looked,
    Ranged,
    Seen,
    Severity,
    Whole,
    keys_of,
    walk,
)
from entities.reconciliation.compared import Compared, Item
from entities.reconciliation.scanned import Scanned
from entities.reconciliation.summed import Summed

__all__ = [
    "STEP",
    "Check",
    "Compared",
    "Figures",
    "Item",
    "Kind",
    "Looked",
    "Ranged",
    "Scanned",
    "Seen",
    "Severity",
    "Summed",
    "Whole",
    "keys_of",
    "walk",
]
