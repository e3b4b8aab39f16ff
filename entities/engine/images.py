"""Pictures inside legacy columns become files; the column keeps the URL (GR-16).

`plan` is pure and serves the dry run too; `write` stores what it planned. The file is named
by the SHA-256 of its content, so equal pictures are one file and writing twice changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from entities.engine.errors import BadValue
from tracking.sentences import sentence

# Extensions are given by us, never by the data: a picture may not be stored as a script or a page.
EXTENSIONS = {
    "jpeg": "jpg",
    "jpg": "jpg",
    "pjpeg": "jpg",
    "png": "png",
    "x-png": "png",
    "gif": "gif",
    "webp": "webp",
    "avif": "avif",
    "bmp": "bmp",
    "tiff": "tiff",
    "heic": "heic",
    "svg+xml": "svg",
    "x-icon": "ico",
    "vnd.microsoft.icon": "ico",
}

_HEAD = re.compile(r"data:image/([a-z0-9.+-]+)(?:;[a-z0-9-]+=[^;,]*)*;base64,", re.IGNORECASE)
_LONGEST_HEAD = 200


class Picture(NamedTuple):
    """What a column gets, and the bytes to store under that name; None when nothing is to be stored."""

    url: str | None
    content: bytes | None


def plan(value: Any, base_url: str | None = None) -> Picture:
    """The URL for a column and the file it needs.

    Plain URLs, empty text and None pass through. Raises IMAGE_UNREADABLE for a data URI that is
    not a picture, has no content or is damaged. `base_url` is `settings.IMAGE_URL` unless given.
    """
    if not isinstance(value, str) or value.lstrip()[:5].lower() != "data:":
        return Picture(value, None)
    text = value.strip()
    head = _HEAD.match(text[:_LONGEST_HEAD])
    if not head or head[1].lower() not in EXTENSIONS:
        raise BadValue("IMAGE_UNREADABLE", sentence("The stored picture is of no known kind."))
    content = _decoded(text[head.end() :])
    name = f"{hashlib.sha256(content).hexdigest()}.{EXTENSIONS[head[1].lower()]}"
    base = settings.IMAGE_URL if base_url is None else base_url
    return Picture(f"{base.rstrip('/')}/{name}", content)


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadValue("IMAGE_UNREADABLE", sentence("The stored picture is damaged.")) from None
    if not content:
        raise BadValue("IMAGE_UNREADABLE", sentence("The stored picture is empty."))
    return content


def write(picture: Picture, root: str | os.PathLike[str] | None = None) -> Path | None:
    """Store the content under the last part of the URL and return the path; nothing to store is None.

    A file that exists is left alone: its name proves its content. A new one appears whole or
    not at all, also when two workers write it at once. `root` is `settings.IMAGE_ROOT` unless given.
    """
    if picture.content is None or picture.url is None:
        return None
    folder = Path(settings.IMAGE_ROOT if root is None else root)
    path = folder / picture.url.rsplit("/", 1)[-1]
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _appear(path, picture.content)
    return path


def _appear(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            # mkstemp makes it private; the web server reads the pictures as another user.
            os.fchmod(file.fileno(), 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def store(value: Any) -> str | None:
    """`plan` and `write` in one: the URL for the column, its file on disk."""
    picture = plan(value)
    write(picture)
    return picture.url
