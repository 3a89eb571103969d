"""What is dated before the latest closing that stands is refused, and a closing stays as sealed."""

from django.db import migrations

from huanxin.kernel.schema import append_only

_GUARD = """
CREATE FUNCTION ledger_closed_months() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT min(a.made_on) FROM added a)
        < (SELECT max(c.until_on) FROM ledger_closing c WHERE c.reopened_at IS NULL) THEN
        RAISE EXCEPTION 'ledger_closed_months: a transfer is dated in a closed month'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_closed_months';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_closed_months AFTER INSERT ON ledger_transfer
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_closed_months();
CREATE TRIGGER ledger_closing_stays BEFORE DELETE OR UPDATE OF month_on, until_on, account_count,
    transfer_count, previous_digest, digest, closed_by, closed_at ON ledger_closing
FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
"""
_OPEN = """
DROP TRIGGER ledger_closing_stays ON ledger_closing;
DROP TRIGGER ledger_closed_months ON ledger_transfer;
DROP FUNCTION ledger_closed_months();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_closed_months_and_prepaid")]

    operations = [append_only("ledger_closingbalance"), migrations.RunSQL(_GUARD, _OPEN)]
