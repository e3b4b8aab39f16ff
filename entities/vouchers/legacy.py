"""Legacy tables of the vouchers aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import DoubleAmountField, LegacyModel


class LegacyVoucher(LegacyModel):
    """Credit a client holds with a school (refund of a cancellation or purchase)."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=255)
    quantity = DoubleAmountField(max_digits=15, decimal_places=2)
    remaining_balance = DoubleAmountField(max_digits=15, decimal_places=2)
    payed = models.SmallIntegerField()
    user_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    sensitive = frozenset({"payrexx_transaction"})

    class Meta(LegacyModel.Meta):
        db_table = "vouchers"


class LegacyVoucherLog(LegacyModel):
    """Amount of a voucher spent on a booking."""

    id = models.AutoField(primary_key=True)
    voucher_id = models.BigIntegerField()
    booking_id = models.BigIntegerField()
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "vouchers_log"
