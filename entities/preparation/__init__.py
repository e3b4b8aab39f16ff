"""The preparation of V5: explicit, previewable, additive, reversible (design section 4).

plan() -> list[Step]            what is missing; reads only
apply(steps) -> list[Step]      do it, each step recorded
undo() -> list[Step]            take back exactly what was recorded; refuses while data depends on it
is_prepared() -> list[str]      what a run would miss; empty when ready
"""

from entities.preparation.errors import PreparationRefused
from entities.preparation.steps import Step
from entities.preparation.work import apply, is_prepared, plan, refuse_equal_databases, undo

__all__ = ["PreparationRefused", "Step", "apply", "is_prepared", "plan", "refuse_equal_databases", "undo"]
