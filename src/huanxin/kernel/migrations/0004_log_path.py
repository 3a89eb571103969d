"""What a proof reads of the log's tree, planned once a connection."""

from django.db import migrations

_FUNCTION = """
CREATE FUNCTION kernel_log_path(
    leaf bigint, size bigint, OUT levels int[], OUT positions bigint[], OUT hashes bytea[]
) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT array_agg(n.level), array_agg(n.position), array_agg(n.hash)
  INTO levels, positions, hashes
  FROM generate_series(0, 62) AS k
  CROSS JOIN LATERAL (
    VALUES (leaf >> k # 1), (CASE WHEN size >> k & 1 = 1 THEN (size >> k) - 1 END)
  ) AS w(position)
  JOIN kernel_lognode n ON n.level = k AND n.position = w.position
  WHERE size >> k > 0;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_leaves_of_three_kinds")]
    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION kernel_log_path(bigint, bigint)"),
    ]
