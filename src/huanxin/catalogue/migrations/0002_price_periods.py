from django.db import migrations

# btree_gist is a trusted extension: the database's owner may create it. It ships with the
# embedded PostgreSQL and with Debian's server packages.
NO_OVERLAP = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE catalogue_filedprice ADD CONSTRAINT filed_price_no_overlap EXCLUDE USING gist (
    model_id WITH =,
    coalesce(org_id, '00000000-0000-0000-0000-000000000000'::uuid) WITH =,
    daterange(from_on, to_on) WITH &&
)
"""

CLOSED_ONCE = """
CREATE FUNCTION catalogue_refuse_price_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.to_on IS NULL AND NEW.to_on IS NOT NULL
       AND (NEW.id, NEW.model_id, NEW.price_fen, NEW.from_on, NEW.filed_at)
         = (OLD.id, OLD.model_id, OLD.price_fen, OLD.from_on, OLD.filed_at)
       AND NEW.org_id IS NOT DISTINCT FROM OLD.org_id
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'filed prices are only closed, once: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER catalogue_filedprice_closed_once BEFORE UPDATE OR DELETE ON catalogue_filedprice
    FOR EACH ROW EXECUTE FUNCTION catalogue_refuse_price_change()
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.RunSQL(
            NO_OVERLAP, "ALTER TABLE catalogue_filedprice DROP CONSTRAINT filed_price_no_overlap"
        ),
        migrations.RunSQL(
            CLOSED_ONCE,
            "DROP TRIGGER catalogue_filedprice_closed_once ON catalogue_filedprice;"
            " DROP FUNCTION catalogue_refuse_price_change()",
        ),
    ]
