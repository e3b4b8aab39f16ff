"""Legacy tables of the bookings aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyBooking(LegacyModel):
    """Booking header: one payer, one school, one total."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    user_main_id = models.BigIntegerField()
    price_total = models.DecimalField(max_digits=8, decimal_places=2)
    has_cancellation_insurance = models.SmallIntegerField()
    price_cancellation_insurance = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    payment_method_id = models.BigIntegerField(null=True)
    paid = models.SmallIntegerField()
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    notes = models.CharField(max_length=500)
    attendance = models.SmallIntegerField()
    is_past = models.SmallIntegerField()
    color = models.CharField(max_length=45, null=True)
    paxes = models.IntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    sensitive = frozenset({"payrexx_transaction"})

    possible_columns = frozenset({"payrexx_refund", "paid_total"})

    class Meta(LegacyModel.Meta):
        db_table = "bookings2"


class LegacyBookingLine(LegacyModel):
    """Booking line: one participant in one subgroup (group course) or at one date and hour (private
    course).
    """

    id = models.BigAutoField(primary_key=True)
    booking2_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    course_groups_subgroup2_id = models.BigIntegerField(null=True)
    course2_id = models.BigIntegerField(null=True)
    monitor_id = models.BigIntegerField(null=True)
    date = models.DateField(null=True)
    hour = models.TimeField(null=True)
    duration = models.TimeField(null=True)
    attended = models.SmallIntegerField()
    color = models.CharField(max_length=45, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "booking_users2"


class LegacyPaymentNotice(LegacyModel):
    """Trace of payment reminders already sent, to avoid repeating them within 72 hours."""

    id = models.BigAutoField(primary_key=True)
    booking2_id = models.BigIntegerField()
    booking_user2_id = models.BigIntegerField()
    date = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "booking_payment_notice_log"


class LegacyAttendance(LegacyModel):
    """Attendance of a participant at one session of a subgroup."""

    id = models.BigAutoField(primary_key=True)
    subgroup_id = models.BigIntegerField()
    date_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    attendance = models.SmallIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_course_attendances"
