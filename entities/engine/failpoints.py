"""Named places where a test may kill the process, to prove that nothing is lost and nothing doubled (R-91).

`BOUKII_FAILPOINT=name` kills at each visit; `name@folder` kills once (a marker file in the folder is left);
several are separated by commas.
Outside tests the variable is unset and a visit costs one look-up.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

AFTER_CLAIM = "after_claim"
AFTER_EXTRACT = "after_extract"
INSIDE_V5_TRANSACTION = "inside_v5_transaction"
AFTER_V5_COMMIT = "after_v5_commit"
AFTER_PART_CLAIM = "after_part_claim"
BEFORE_STEP_RECORD = "before_step_record"
NAMES = (AFTER_CLAIM, AFTER_EXTRACT, INSIDE_V5_TRANSACTION, AFTER_V5_COMMIT)  # on the way of a batch


def visit(name: str) -> None:
    """Die here, as by kill -9, when the environment asks for it."""
    for wanted in os.environ.get("BOUKII_FAILPOINT", "").split(","):
        asked, once, folder = wanted.partition("@")
        if asked == name and (not once or _first_time(Path(folder) / name)):
            os.kill(os.getpid(), signal.SIGKILL)


def _first_time(marker: Path) -> bool:
    try:
        marker.open("x").close()
    except FileExistsError:
        return False
    return True
