"""Where backups lie: a private folder, files that are complete or not there, a checksum taken while writing."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from entities.recovery.errors import BackupIsBad, RecoveryFailed
from tracking.sentences import sentence

PART, CHUNK, LEVEL = ".part", 1 << 20, 5
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEAST_FREE = 64 * 2**20  # bytes that stay free whatever the estimate says


def folder() -> Path:
    """The folder of backups, made for this account alone when it is new."""
    place = Path(settings.BACKUP_FOLDER)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RecoveryFailed(
            sentence(
                "The folder of backups %(folder)s cannot be made (%(why)s): correct "
                "BACKUP_FOLDER or its rights.",
                folder=str(place),
                why=error.strerror,
            )
        ) from error
    return place


def check_room(place: Path, needed: int) -> None:
    """Refuse before anything is written when the disk has not that many bytes left."""
    free = shutil.disk_usage(place).free
    if free < needed + LEAST_FREE:
        raise RecoveryFailed(
            sentence(
                "The disk of %(folder)s has %(free)s MiB free and about %(needed)s MiB are "
                "needed: make room, or point BACKUP_FOLDER elsewhere.",
                folder=str(place),
                free=f"{free / 2**20:,.0f}",
                needed=f"{needed / 2**20:,.0f}",
            )
        )


class Sink:
    """A compressed file that is being written; `size` and `checksum` are those of the compressed bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self.size, self._digest, self._file = 0, hashlib.sha256(), file
        self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=self, mtime=0)

    def feed(self, content: bytes) -> None:
        """Compress and write."""
        self._gzip.write(content)

    def close(self) -> None:
        self._gzip.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def write(self, compressed: bytes) -> int:
        """What the compression calls: the bytes as they go to the disk."""
        self._digest.update(compressed)
        self.size += len(compressed)
        return self._file.write(compressed)

    def flush(self) -> None:
        self._file.flush()

    @property
    def checksum(self) -> str:
        return self._digest.hexdigest()


@contextmanager
def whole(path: Path) -> Iterator[Sink]:
    """A sink whose file stands under its name only when everything was written and is on the disk.

    Under any other end nothing is left. A full disk is a RecoveryFailed.
    """
    part = path.with_name(path.name + PART)
    try:
        with open(part, "wb", opener=_private) as file:
            sink = Sink(file)
            yield sink
            sink.close()
        os.replace(part, path)
        _settle(path.parent)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise RecoveryFailed(
            sentence(
                "The disk of %(folder)s is full: make room or point BACKUP_FOLDER elsewhere, "
                "then take it again. Nothing was left behind.",
                folder=str(path.parent),
            )
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _settle(place: Path) -> None:
    """The new name is on the disk as well."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_private(path: Path, content: bytes) -> None:
    """A small file for this account alone, complete or not there."""
    part = path.with_name(path.name + PART)
    with open(part, "wb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def checksum_of(path: Path, step: Callable[[int], None] = lambda size: None) -> str:
    """SHA-256 of a file as it lies there."""
    digest, read = hashlib.sha256(), 0
    with path.open("rb") as file:
        while content := file.read(CHUNK):
            digest.update(content)
            read += len(content)
            step(read)
    return digest.hexdigest()


def unpacked(path: Path) -> Iterator[bytes]:
    """The content of a compressed file, in pieces; RecoveryFailed when it is cut off or damaged."""
    try:
        with gzip.open(path, "rb") as file:
            while content := file.read(CHUNK):
                yield content
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        raise BackupIsBad(
            sentence("%(file)s is damaged: it cannot be unpacked to its end.", file=str(path))
        ) from error


def forget_parts(prefix: str) -> None:
    """Remove what an attempt that died left of this backup."""
    for left in folder().glob(f"{prefix}*{PART}"):
        left.unlink(missing_ok=True)
