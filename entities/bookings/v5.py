"""V5 tables of the bookings aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import V5Model


class V5OperationalBooking(V5Model):
    """Operational booking header in use by the running application: payer, totals, payment state, status."""

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    client_main_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    price_total = models.DecimalField(max_digits=8, decimal_places=2)
    has_cancellation_insurance = models.SmallIntegerField()
    price_cancellation_insurance = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    payment_method_id = models.BigIntegerField(null=True)
    paid_total = models.DecimalField(max_digits=8, decimal_places=2)
    paid = models.SmallIntegerField(null=True)
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    attendance = models.SmallIntegerField()
    payrexx_refund = models.SmallIntegerField()
    notes = models.TextField(null=True)
    notes_school = models.TextField(null=True)
    paxes = models.IntegerField()
    status = models.IntegerField()
    color = models.CharField(max_length=45, null=True)
    source = models.CharField(max_length=255, null=True)
    has_boukii_care = models.SmallIntegerField(null=True)
    price_boukii_care = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    has_tva = models.SmallIntegerField(null=True)
    price_tva = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    has_reduction = models.SmallIntegerField(null=True)
    price_reduction = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    basket = models.JSONField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "bookings"


class V5BookingUser(V5Model):
    """Participant line of a booking: one client on one course date (one row per client and date). Carries
    the slot, group, monitor and price of that line.
    """

    id = models.BigAutoField(primary_key=True)
    school_id = models.BigIntegerField()
    booking_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    course_subgroup_id = models.BigIntegerField(null=True)
    course_id = models.BigIntegerField(null=True)
    course_date_id = models.BigIntegerField()
    degree_id = models.BigIntegerField(null=True)
    course_group_id = models.BigIntegerField(null=True)
    monitor_id = models.BigIntegerField(null=True)
    date = models.DateField(null=True)
    hour_start = models.TimeField(null=True)
    hour_end = models.TimeField(null=True)
    attended = models.SmallIntegerField()
    status = models.IntegerField()
    accepted = models.SmallIntegerField()
    group_changed = models.SmallIntegerField()
    color = models.CharField(max_length=45, null=True)
    notes_school = models.TextField(null=True)
    notes = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    group_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "booking_users"


class V5Booking(V5Model):
    """Season-bound booking of the V5 module: one client, one course or monitor, one date range,
    participants as JSON.
    """

    id = models.BigAutoField(primary_key=True)
    booking_reference = models.CharField(max_length=50)
    season_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    course_id = models.BigIntegerField(null=True)
    monitor_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=8)
    status = models.CharField(max_length=9)
    booking_data = models.JSONField(null=True)
    participants = models.JSONField()
    base_price = models.DecimalField(max_digits=10, decimal_places=2)
    extras_price = models.DecimalField(max_digits=10, decimal_places=2)
    equipment_price = models.DecimalField(max_digits=10, decimal_places=2)
    insurance_price = models.DecimalField(max_digits=10, decimal_places=2)
    tax_amount = models.DecimalField(max_digits=10, decimal_places=2)
    discount_amount = models.DecimalField(max_digits=10, decimal_places=2)
    total_price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    start_time = models.TimeField(null=True)
    end_time = models.TimeField(null=True)
    meeting_point = models.CharField(max_length=255, null=True)
    has_insurance = models.SmallIntegerField()
    has_equipment = models.SmallIntegerField()
    special_requests = models.TextField(null=True)
    notes = models.TextField(null=True)
    metadata = models.JSONField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancellation_reason = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    legacy_id = models.BigIntegerField(null=True)
    migrated_at = models.DateTimeField(null=True)

    added = frozenset({"legacy_id", "migrated_at"})

    class Meta(V5Model.Meta):
        db_table = "v5_bookings"


class V5BookingPayment(V5Model):
    """Payment, refund or fee on a V5 booking."""

    id = models.BigAutoField(primary_key=True)
    booking_id = models.BigIntegerField()
    payment_reference = models.CharField(max_length=50)
    payment_type = models.CharField(max_length=15)
    payment_method = models.CharField(max_length=13)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=18)
    gateway = models.CharField(max_length=50, null=True)
    gateway_transaction_id = models.CharField(max_length=255, null=True)
    gateway_reference = models.CharField(max_length=255, null=True)
    gateway_response = models.JSONField(null=True)
    fee_amount = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    fee_currency = models.CharField(max_length=3, null=True)
    processed_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)
    refunded_amount = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    refund_reason = models.TextField(null=True)
    payment_data = models.JSONField(null=True)
    notes = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "v5_booking_payments"


class V5Payment(V5Model):
    """Money movement on a booking (payment, refund, retained amount)."""

    id = models.AutoField(primary_key=True)
    booking_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    status = models.CharField(max_length=255)
    notes = models.TextField(null=True)
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    data = models.JSONField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "payments"


class V5PaymentNotice(V5Model):
    """Which participants of a booking were sent a payment reminder, and when."""

    id = models.BigAutoField(primary_key=True)
    booking_id = models.BigIntegerField()
    booking_user_id = models.BigIntegerField()
    date = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "booking_payment_notice_log"


class V5BookingParticipant(V5Model):
    """One participant of one V5 booking on one course date: one row per operational line (Q-34)."""

    id = models.BigAutoField(primary_key=True)
    booking_id = models.BigIntegerField()
    booking_user_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    course_id = models.BigIntegerField(null=True)
    monitor_id = models.BigIntegerField(null=True)
    status = models.IntegerField()
    legacy_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(V5Model.Meta):
        db_table = "v5_booking_participants"
