"""V5 tables of the vouchers aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import DoubleAmountField, V5Model


class V5Voucher(V5Model):
    """Voucher (credit or gift) of a client at a school."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=255)
    quantity = DoubleAmountField(max_digits=15, decimal_places=2)
    remaining_balance = DoubleAmountField(max_digits=15, decimal_places=2)
    payed = models.SmallIntegerField()
    client_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)
    is_gift = models.SmallIntegerField()

    class Meta(V5Model.Meta):
        db_table = "vouchers"


class V5VoucherLog(V5Model):
    """Use of a voucher in a booking."""

    id = models.AutoField(primary_key=True)
    voucher_id = models.BigIntegerField()
    booking_id = models.BigIntegerField()
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    status = models.CharField(max_length=45, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    old_id = models.IntegerField(null=True)

    class Meta(V5Model.Meta):
        db_table = "vouchers_log"
