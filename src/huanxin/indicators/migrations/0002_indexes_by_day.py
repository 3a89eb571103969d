"""Indexes by business day on the fact tables: only rollups read them so (docs/adr/168)."""

from django.db import migrations

INDEXES = {
    "ledger_transfer_day": "ledger_transfer (made_on)",
    "claims_sale_day": "claims_sale (sold_on)",
    "claims_claim_decided_day": "claims_claim (((decided_at AT TIME ZONE 'Asia/Shanghai')::date))",
    "claims_claim_reviewed_day": "claims_claim (((reviewed_at AT TIME ZONE 'Asia/Shanghai')::date))"
    " WHERE reviewed_at IS NOT NULL",
    "recycling_order_booked_day": "recycling_order (booked_on)",
    "recycling_order_collected_day": "recycling_order (collected_on) WHERE collected_on IS NOT NULL",
    "recycling_run_day": "recycling_run (dismantled_on)",
    "recycling_route_day": "recycling_route (route_on)",
    "vouchers_voucher_day": "vouchers_voucher (issued_on)",
    "vouchers_voucher_sale": "vouchers_voucher (used_sale_id) WHERE used_sale_id IS NOT NULL",
    "settlement_order_day": "settlement_paymentorder (answered_on)",
}


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0001_initial"),
        ("ledger", "0001_initial"),
        ("claims", "0001_initial"),
        ("recycling", "0001_initial"),
        ("vouchers", "0001_initial"),
        ("settlement", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX IF NOT EXISTS {name} ON {columns}", f"DROP INDEX IF EXISTS {name}"
        )
        for name, columns in INDEXES.items()
    ]
