"""Who is a client: everybody of that kind, and whoever else pays, takes part or owns a voucher."""

from __future__ import annotations


def is_client(alias: str) -> str:
    """SQL on `users` under an alias."""
    used = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} c WHERE c.{column} = {alias}.id)"
        for table, column in (
            ("bookings2", "user_main_id"),
            ("booking_users2", "user_id"),
            ("vouchers", "user_id"),
        )
    )
    return f"{alias}.user_type = 2 OR ({alias}.user_type IN (1, 3, 4, 5, 6) AND ({used}))"


# Memberships, levels and notes move with the kind of person; those of nobody are counted here.
OF_CLIENTS = "NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id AND u.user_type <> 2)"
HAS_CLIENT = is_client("p")
EVALUATED_CLIENT = f"EXISTS (SELECT 1 FROM users u WHERE u.id = p.user_id AND ({is_client('u')}))"
