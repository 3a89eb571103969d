-- title: Which people and devices of a batch are restricted on a day
SELECT k.kind, k.key
FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS k(kind, key)
WHERE EXISTS (
    SELECT 1 FROM mart_identity_restriction x
    WHERE x.kind = k.kind AND x.key = k.key AND x.from_on <= %(on)s::date
      AND (x.to_on IS NULL OR x.to_on > %(on)s::date)
    OFFSET 0
)
