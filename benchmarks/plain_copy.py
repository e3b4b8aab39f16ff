"""dlt's plain copy of the three legacy tables into another schema: no look-ups, no rules, no map."""

from __future__ import annotations

import os
import tempfile
import time
from typing import Any

from benchmarks.arena import COPY, LEGACY, SOURCES


def run(*, socket: str) -> dict[str, Any]:
    """Copies the tables with the default settings of dlt's SQL source and destination."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
    import dlt
    from dlt.sources.sql_database import sql_database

    def url(schema: str) -> str:
        return f"mysql+mysqldb://root@localhost/{schema}?unix_socket={socket}"

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="boukii-dlt-") as folder:
        pipeline = dlt.pipeline(
            "plain_copy", pipelines_dir=folder, dataset_name=COPY,
            destination=dlt.destinations.sqlalchemy(url(COPY)),
        )  # fmt: skip
        tables = sql_database(url(LEGACY), schema=LEGACY, table_names=list(SOURCES))
        pipeline.run(tables, write_disposition="replace")
    return {"seconds": time.monotonic() - began}
