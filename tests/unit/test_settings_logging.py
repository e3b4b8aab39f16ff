"""Log lines: one JSON object each, bound to the work, without personal data."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from boukii_migration.logging import HIDDEN, configure, redact, redact_text


@pytest.fixture
def lines() -> Any:
    """Emits through a handler built from the real configuration and returns the parsed lines."""
    configuration = configure("INFO", "json")
    formatter = configuration["formatters"]["structured"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger("test.lines")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel("INFO")
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_carries_what_is_bound(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(run=3, batch=8, entity="client", correlation_id="abc"):
        structlog.get_logger("test.lines").info("batch done", records=500)
    (line,) = lines()
    assert (line["event"], line["run"], line["batch"], line["entity"]) == ("batch done", 3, 8, "client")
    assert (line["records"], line["level"], line["correlation_id"]) == (500, "info", "abc")
    assert line["timestamp"].endswith("Z")


def test_ordinary_loggers_write_the_same_lines(lines: Any) -> None:
    logging.getLogger("test.lines").warning("lost %s", "connection")
    assert lines()[0]["event"] == "lost connection"


def test_a_traceback_is_redacted_too(lines: Any) -> None:
    try:
        raise ValueError("Duplicate entry 'anna@example.org' for key 'users.email'")
    except ValueError:
        structlog.get_logger("test.lines").exception("load failed")
    assert "anna@example.org" not in json.dumps(lines()[0])
    assert "Duplicate entry" in lines()[0]["exception"]


@pytest.mark.parametrize(
    "key",
    ["password", "remember_token", "payrexx_instance", "iban", "email", "contact_phone", "first_name", "avs"],
)
def test_personal_keys_are_hidden_at_any_depth(key: str) -> None:
    event = {"event": "x", key: "open", "record": {key: ["open"], "rows": [{key: 5}]}}
    assert "open" not in json.dumps(redact(None, "info", event))
    assert redact(None, "info", event)["record"]["rows"] == [{key: HIDDEN}]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("cannot reach mysql://panel:hunter2@db:3306/x", "hunter2"),
        ("mail to <anna.b+c@mail.example.org>", "anna"),
        ("hash $2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345 kept", "abcdefg"),
        ("account CH93 0076 2011 6238 5295 7 refused", "6238"),
    ],
)
def test_secrets_inside_text_are_hidden(text: str, secret: str) -> None:
    assert secret not in redact_text(text)
    assert HIDDEN in redact_text(text)


@pytest.mark.parametrize(
    "text", ["bookings 12..500 in 2.1 s", "client:42 EMAIL_SHARED", "2026-01-15 10:00:00"]
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact_text(text) == text
