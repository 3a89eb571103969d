from django.db import migrations

from huanxin.kernel.schema import append_only

_GUARD = """
CREATE FUNCTION claim_stopped_is_not_released() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM claims_sale s
        JOIN claims_stop t ON t.kind = 'shop' AND t.subject = s.merchant_id::text
        WHERE s.id = NEW.sale_id AND t.closed_at IS NULL
    ) OR EXISTS (
        SELECT 1 FROM claims_stoppedclaim x JOIN claims_stop t ON t.id = x.stop_id
        WHERE x.claim_id = NEW.id AND t.closed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'claim_stopped_is_not_released: a stop keeps claim % back', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_stopped_is_not_released';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_stopped_is_not_released BEFORE UPDATE OF released_at ON claims_claim
FOR EACH ROW WHEN (OLD.released_at IS NULL AND NEW.released_at IS NOT NULL)
EXECUTE FUNCTION claim_stopped_is_not_released();
"""
_NO_GUARD = """
DROP TRIGGER claim_stopped_is_not_released ON claims_claim;
DROP FUNCTION claim_stopped_is_not_released();
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0009_the_desk")]

    operations = [
        append_only("claims_draw"),
        append_only("claims_stoppedclaim"),
        migrations.RunSQL(_GUARD, _NO_GUARD),
    ]
