"""What migrations and models need from PostgreSQL and Django does not ship."""

from django.db import connection, migrations, models
from django.db.models.expressions import Func

from huanxin.kernel.sqlfiles import read_folder

# Rooms whose sql folder `views` publishes mart_* views, lowest first.
VIEW_ROOMS = (
    "kernel", "identity", "catalogue", "ledger", "trace", "policy", "vouchers", "recycling",
    "claims", "settlement", "indicators", "supervision",
)  # fmt: skip


class CurrentXact(Func):
    """The id of the transaction that writes the row."""

    function = "pg_current_xact_id"
    arity = 0


class XactField(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """xid8: orders rows by the transaction that wrote them; see kernel.feed."""

    def db_type(self, connection: object) -> str:
        del connection
        return "xid8"


def append_only(table: str) -> migrations.RunSQL:
    """A trigger that refuses UPDATE and DELETE on a fact table (DESIGN.md 12.11)."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


_REFERENCE = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT {column} AS id FROM added WHERE {column} IS NOT NULL) a
        WHERE NOT EXISTS (SELECT 1 FROM {target} t WHERE t.id = a.id OFFSET 0)
    ) THEN
        RAISE EXCEPTION '{name}: {table} names a row that is not in {target}'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_for_ever BEFORE UPDATE OF {column} ON {table} FOR EACH ROW
WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION kernel_refuse_change();
"""
_NO_REFERENCE = """
DROP TRIGGER {name}_for_ever ON {table};
DROP TRIGGER {name} ON {table};
DROP FUNCTION {name}();
"""


def reference(table: str, column: str, target: str) -> migrations.RunSQL:
    """A foreign key that is looked up once a statement, not once a row (docs/adr/092).

    For tables that take thousands of rows a second and name a handful of others. It is as good as
    a foreign key as long as rows of the target stay for ever: refuse their deletion.
    """
    names = {"name": f"{table}_{column}_known", "table": table, "column": column, "target": target}
    return migrations.RunSQL(_REFERENCE.format(**names), _NO_REFERENCE.format(**names))


def create_views() -> None:
    """(Re)create every room's mart_* views: code, not data, so each migrate lays them anew.

    A view file is named for its view and may read its own room's tables and lower rooms' views.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('DROP VIEW IF EXISTS %I CASCADE', viewname), ';')"
            " FROM pg_views WHERE schemaname = current_schema() AND viewname LIKE 'mart\\_%'"
        )
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(row[0])
        for room in VIEW_ROOMS:
            for file in read_folder(f"huanxin.{room}.views"):
                cursor.execute(f"CREATE VIEW {file.name} AS\n{file.text}")
