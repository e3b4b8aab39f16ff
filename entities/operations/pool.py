"""Local Celery workers of one command: started, replaced when one dies, and ended with it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

import structlog
from django.conf import settings

from entities.engine.errors import Refused

log = structlog.get_logger("migration")
SECONDS_TO_END = 30
MOST_REPLACED = 20
PR_SET_PDEATHSIG = 1


class WorkerPool:
    """`with WorkerPool(2) as pool: …; pool.respawn()`: that many workers with one process each.

    They end by SIGTERM, after the batch in work; a command that is killed takes them along (Linux).
    """

    def __init__(self, workers: int, *, verbose: bool = False) -> None:
        self.workers, self.verbose = workers, verbose
        self._running: list[subprocess.Popen[bytes]] = []
        self._started = 0

    def __enter__(self) -> Self:
        self._running = [self._start() for _ in range(self.workers)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + SECONDS_TO_END
        for process in self._running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def respawn(self) -> int:
        """Replace workers that died; their batches return by themselves. Refuses when they keep dying."""
        dead = [place for place, process in enumerate(self._running) if process.poll() is not None]
        for place in dead:
            if self._started >= self.workers + MOST_REPLACED:
                raise Refused(
                    f"the workers keep dying (the last one with code {self._running[place].returncode}): "
                    "repeat the command with --inline and -v 2 to see why"
                )
            log.warning("worker died, starting another", code=self._running[place].returncode)
            self._running[place] = self._start()
        return len(dead)

    def ids(self) -> list[int]:
        """Process ids, for whoever watches or kills one."""
        return [process.pid for process in self._running]

    def _start(self) -> subprocess.Popen[bytes]:
        self._started += 1
        quiet = {"LOG_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore:You're running the worker"}
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "boukii_migration", "--quiet", "worker"),
                *("--pool", "solo", "--concurrency", "1", "--without-gossip", "--without-mingle"),
                f"--hostname=run{os.getpid()}-{self._started}@%h",
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, **({} if self.verbose else quiet)},
            stdin=subprocess.DEVNULL,
            stdout=None if self.verbose else subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the command, which lets the workers finish their batch
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (one system call)
        )


_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
