from django.db import migrations

from huanxin.kernel.schema import append_only

# The same table as rules.STEPS; a test walks every pair through both. A locked voucher is freed
# before it can be voided.
_PAIRS = """
        ('inactive', 'usable'), ('inactive', 'void'),
        ('usable', 'locked'), ('usable', 'used'), ('usable', 'lapsed'), ('usable', 'void'),
        ('locked', 'usable'), ('locked', 'used'){more},
        ('used', 'usable')
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION vouchers_check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN ({pairs}) THEN
        RAISE EXCEPTION 'voucher_transition: % to % is refused', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_transition';
    END IF;
    RETURN NEW;
END $$;
"""


def _function(more: str) -> str:
    return _FUNCTION.format(pairs=_PAIRS.format(more=more))


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0008_life_of_a_right"), ("kernel", "0002_append_only")]

    operations = [
        migrations.RunSQL(_function(""), _function(", ('locked', 'void')")),
        append_only("vouchers_reduction"),
    ]
