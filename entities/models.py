"""Every table of both databases, for Django: importing the modules registers their models."""

import entities.archive.legacy  # noqa: F401
import entities.bookings.legacy  # noqa: F401
import entities.bookings.v5  # noqa: F401
import entities.clients.legacy  # noqa: F401
import entities.clients.v5  # noqa: F401
import entities.courses.legacy  # noqa: F401
import entities.courses.v5  # noqa: F401
import entities.degrees.legacy  # noqa: F401
import entities.degrees.v5  # noqa: F401
import entities.engine.lineage  # noqa: F401
import entities.monitors.legacy  # noqa: F401
import entities.monitors.v5  # noqa: F401
import entities.reference.legacy  # noqa: F401
import entities.reference.v5  # noqa: F401
import entities.schools.legacy  # noqa: F401
import entities.schools.v5  # noqa: F401
import entities.seasons.v5  # noqa: F401
import entities.users.legacy  # noqa: F401
import entities.users.v5  # noqa: F401
import entities.vouchers.legacy  # noqa: F401
import entities.vouchers.v5  # noqa: F401
