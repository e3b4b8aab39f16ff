"""Every table of both databases, for Django: importing the modules registers their models."""

from entities.archive import legacy  # noqa: F401
from entities.bookings import legacy, v5  # noqa: F401
from entities.clients import legacy, v5  # noqa: F401
from entities.courses import legacy, v5  # noqa: F401
from entities.degrees import legacy, v5  # noqa: F401
from entities.monitors import legacy, v5  # noqa: F401
from entities.reference import legacy, v5  # noqa: F401
from entities.schools import legacy, v5  # noqa: F401
from entities.seasons import v5  # noqa: F401
from entities.users import legacy, v5  # noqa: F401
from entities.vouchers import legacy, v5  # noqa: F401
from entities.engine import lineage  # noqa: F401
