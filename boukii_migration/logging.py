"""Structured logging: one JSON object per line, bound to run, batch, entity and correlation id.

Use `structlog.get_logger()` and bind with `structlog.contextvars.bound_contextvars(run=…, batch=…)`.
Whatever is logged passes `redact`: personal data and secrets never reach a log (GR-17, R-77).
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

HIDDEN = "[hidden]"
HIDDEN_KEYS = frozenset(
    "address authorization avs bank_details birth_date birthdate cookie email first_name full_name iban "
    "last_name license mail mobile notes old_password pass passwd password payload phone phone2 pin "
    "recover_token remember_token secret sender telephone to_email token username work_license".split()
)
HIDDEN_FRAGMENTS = ("password", "token", "secret", "payrexx", "iban", "email", "phone", "app_key")

_SECRETS_IN_TEXT = (
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)"), HIDDEN),
    (re.compile(r"[^\s@'\"<>(){}\[\],;:=]+@[^\s@'\"<>(){}\[\],;:=]+\.[^\s@'\"<>(){}\[\],;:=]+"), HIDDEN),
    (re.compile(r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{20,53}"), HIDDEN),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), HIDDEN),
)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides values by the name of their key, and secrets inside any text (also in tracebacks)."""
    return {key: _redacted(key, value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """The text without e-mail addresses, credentials in URLs, password hashes and IBANs."""
    for pattern, replacement in _SECRETS_IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _redacted(key: Any, value: Any) -> Any:
    if _is_hidden(str(key).lower()):
        return HIDDEN
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {inner: _redacted(inner, item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def _is_hidden(key: str) -> bool:
    return key in HIDDEN_KEYS or any(fragment in key for fragment in HIDDEN_FRAGMENTS)


def configure(level: str, log_format: str) -> dict[str, Any]:
    """Sets structlog up and returns Django's LOGGING dictionary for the same lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return _logging_dictionary(level, log_format, shared)


def _logging_dictionary(level: str, log_format: str, shared: list[Any]) -> dict[str, Any]:
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if log_format == "console"
        else structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    )
    # Order matters: the traceback becomes text first, so that `redact` sees it too.
    rendering = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        renderer,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": rendering,
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "level": level},
            "migration_logs": {"class": "tracking.logs.RecordHandler", "level": "INFO"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Kept in the database whatever the level of the lines on stderr.
            "migration": {
                "handlers": ["migration_logs"],
                "level": "DEBUG" if level == "DEBUG" else "INFO",
            },
            "kombu.connection": {"level": "ERROR"},  # the broker made of files has no host name to warn about
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "celery": {"level": level},
        },
    }
