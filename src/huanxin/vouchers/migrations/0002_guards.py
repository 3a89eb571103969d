from django.db import migrations

from huanxin.kernel.schema import append_only

# The same table as rules.TRANSITIONS; a test walks every pair through both. From used to used is
# a second sale taking the voucher of a first: refused here even if somebody forgot to lock.
TRANSITION = """
CREATE FUNCTION vouchers_check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('inactive', 'usable'), ('inactive', 'void'),
        ('usable', 'locked'), ('usable', 'used'), ('usable', 'lapsed'), ('usable', 'void'),
        ('locked', 'usable'), ('locked', 'used'), ('locked', 'void'),
        ('used', 'usable')
    ) THEN
        RAISE EXCEPTION 'voucher_transition: % to % is refused', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voucher_transition BEFORE UPDATE OF state, used_sale_id ON vouchers_voucher
FOR EACH ROW WHEN (
    OLD.state IS DISTINCT FROM NEW.state OR OLD.used_sale_id IS DISTINCT FROM NEW.used_sale_id
)
EXECUTE FUNCTION vouchers_check_transition();
CREATE TRIGGER voucher_never_deleted BEFORE DELETE ON vouchers_voucher
FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
"""
UNDO = """
DROP TRIGGER voucher_never_deleted ON vouchers_voucher;
DROP TRIGGER voucher_transition ON vouchers_voucher;
DROP FUNCTION vouchers_check_transition();
"""


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0001_initial"), ("kernel", "0002_append_only")]

    operations = [
        migrations.RunSQL(TRANSITION, UNDO),
        append_only("vouchers_poolline"),
        append_only("vouchers_redemption"),
        append_only("vouchers_cancellation"),
    ]
