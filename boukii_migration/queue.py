"""From a broker URL to Celery's address and transport options."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def broker(url: str, *, visibility_timeout: int) -> tuple[str, dict[str, Any]]:
    """`filesystem:///folder` needs no server: its folder is made here, before the first message."""
    if url.startswith("filesystem:"):
        folder = Path(urlsplit(url).path)
        folders = {name: folder / name for name in ("messages", "processed", "control")}
        for path in folders.values():
            path.mkdir(parents=True, exist_ok=True)
        return "filesystem://", {
            "data_folder_in": str(folders["messages"]),
            "data_folder_out": str(folders["messages"]),
            "processed_folder": str(folders["processed"]),
            "control_folder": str(folders["control"]),
            "polling_interval": 0.2,
        }
    if url.startswith("redis"):
        return url, {
            "visibility_timeout": visibility_timeout,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
        }
    return url, {}
