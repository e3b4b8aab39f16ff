"""Personal data in payloads: hidden by the name of the column, for people who need not see it (section 8).

Secrets (password hashes, tokens, gateway keys) are not masked but never shown to anybody (GR-17, R-77).
"""

from __future__ import annotations

from typing import Any

HIDDEN = "•••"
PERSONAL = frozenset(
    "address address_of birth_date body city claim_text contact_address contact_city contact_cp contact_email "
    "contact_phone contact_telephone cp data description email file first_name fiscal_address fiscal_id general historical "
    "image last_name latitude longitude metadata notes notes_school number observations original participants phone "
    "booking_data payrexx_reference refund_reason sender special_requests subject telephone text to_email translations "
    "username work_license partner_work_license avs".split()
)
SECRET = frozenset(
    "password payrexx_instance payrexx_key payrexx_transaction iban bank_details cvv recover_token remember_token "
    "gateway_response gateway_transaction_id whatsapp_config webhook_url".split()
)
PERSON_TABLES = frozenset({"users", "clients", "monitors", "user_groups", "booking_libre"})


def masked(payload: Any, table: str = "", *, personal: bool = False) -> Any:
    """The payload without secrets, and without personal data unless `personal` may be seen.

    NULL and empty values stay visible: that something is missing is often the fault itself.
    """
    if isinstance(payload, dict):
        return {name: _value(str(name), value, table, personal) for name, value in payload.items()}
    if isinstance(payload, list):
        return [masked(value, table, personal=personal) for value in payload]
    return payload


def _value(name: str, value: Any, table: str, personal: bool) -> Any:
    if value is None or value == "":
        return value
    if name in SECRET:
        return HIDDEN
    if not personal and is_personal(name, table):
        return HIDDEN
    return masked(value, table, personal=personal) if isinstance(value, dict | list) else value


def is_personal(column: str, table: str = "") -> bool:
    """Whether a column says something about a person."""
    return column in PERSONAL or (column == "name" and table in PERSON_TABLES)


def masked_issue(payload: Any, table: str, field: str, *, personal: bool = False) -> Any:
    """An issue's payload: the row under `row`, the offending value under `value`."""
    if not isinstance(payload, dict):
        return payload
    shown = {name: value for name, value in payload.items() if name not in ("row", "value")}
    if "row" in payload:
        shown["row"] = masked(payload["row"], table, personal=personal)
    if "value" in payload:
        shown["value"] = masked({field: payload["value"]}, table, personal=personal)[field]
    return shown
