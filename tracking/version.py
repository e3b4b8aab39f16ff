"""Which rules are at work: a fingerprint of the code that decides what becomes of a legacy row."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

RULES = ("entities/engine", "entities/*", "tracking/choices", "tracking/codes")
NOT_RULES = ("admin", "management", "operations", "preflight", "preparation")


@cache
def of_rules() -> str:
    """Twelve letters that change with any line of the rules; of the code as this process loaded it."""
    root, digest = Path(settings.BASE_DIR), sha256()
    folders = {folder for pattern in RULES for folder in root.glob(pattern) if folder.is_dir()}
    for path in sorted({path for folder in folders for path in folder.rglob("*.py")}):
        if not set(path.relative_to(root).parts) & set(NOT_RULES):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
