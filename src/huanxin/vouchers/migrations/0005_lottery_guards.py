from django.db import migrations

from huanxin.kernel.schema import append_only

# What a lottery has published stays as it is; the seed it reveals is the one it promised; nobody
# joins or leaves a list that is public.
LOTTERY = """
CREATE FUNCTION vouchers_check_lottery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.commitment, OLD.sealed_seed, OLD.registers_until, OLD.draws_at, OLD.entropy_source)
        IS DISTINCT FROM
       (NEW.commitment, NEW.sealed_seed, NEW.registers_until, NEW.draws_at, NEW.entropy_source)
       OR (OLD.listed_at IS NOT NULL AND (OLD.listed_at, OLD.listed_count, OLD.list_sha256)
           IS DISTINCT FROM (NEW.listed_at, NEW.listed_count, NEW.list_sha256))
       OR (OLD.drawn_at IS NOT NULL
           AND (OLD.drawn_at, OLD.seed, OLD.entropy, OLD.entropy_by, OLD.confirmed_by)
           IS DISTINCT FROM
           (NEW.drawn_at, NEW.seed, NEW.entropy, NEW.entropy_by, NEW.confirmed_by))
    THEN
        RAISE EXCEPTION 'lottery_published: what a lottery has published stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lottery_published';
    END IF;
    IF NEW.seed <> '' AND encode(sha256(decode(NEW.seed, 'hex')), 'hex') <> NEW.commitment THEN
        RAISE EXCEPTION 'lottery_seed_promised: the seed is not the one that was promised'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lottery_seed_promised';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lottery_published BEFORE UPDATE ON vouchers_lottery
FOR EACH ROW EXECUTE FUNCTION vouchers_check_lottery();
CREATE TRIGGER lottery_never_deleted BEFORE DELETE ON vouchers_lottery
FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();

CREATE FUNCTION vouchers_check_registration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        (OLD.pool_id, OLD.person_id, OLD.holder_key, OLD.category_code, OLD.receipt, OLD.hash)
            IS DISTINCT FROM
        (NEW.pool_id, NEW.person_id, NEW.holder_key, NEW.category_code, NEW.receipt, NEW.hash)
        OR (OLD.rank IS NOT NULL AND OLD.rank IS DISTINCT FROM NEW.rank)
        OR (OLD.outcome <> '' AND OLD.outcome <> NEW.outcome))
    THEN
        RAISE EXCEPTION 'registration_kept: a registration, its rank and its outcome stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_kept';
    END IF;
    IF (TG_OP = 'INSERT' OR OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at) AND EXISTS (
        SELECT 1 FROM vouchers_lottery
        WHERE pool_id = NEW.pool_id AND listed_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'registration_list_closed: the list of this lottery is public'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_list_closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registration_kept BEFORE INSERT OR UPDATE ON vouchers_registration
FOR EACH ROW EXECUTE FUNCTION vouchers_check_registration();
CREATE TRIGGER registration_never_deleted BEFORE DELETE ON vouchers_registration
FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
"""
UNDO = """
DROP TRIGGER registration_never_deleted ON vouchers_registration;
DROP TRIGGER registration_kept ON vouchers_registration;
DROP FUNCTION vouchers_check_registration();
DROP TRIGGER lottery_never_deleted ON vouchers_lottery;
DROP TRIGGER lottery_published ON vouchers_lottery;
DROP FUNCTION vouchers_check_lottery();
"""


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0004_release_plans_and_lotteries")]

    operations = [
        migrations.RunSQL(LOTTERY, UNDO),
        append_only("vouchers_poolstage"),
        append_only("vouchers_releaseplan"),
    ]
