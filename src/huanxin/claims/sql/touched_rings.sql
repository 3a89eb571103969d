-- title: Whose rings may have changed, and what of theirs is not public
-- What more people share than the cap, before and after the batch, joined nobody and joins nobody.
CREATE TEMP TABLE IF NOT EXISTS ring_person (person_pseudonym text) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS ring_tie (person_pseudonym text, kind text, key text)
    ON COMMIT DELETE ROWS;
DELETE FROM ring_person;
DELETE FROM ring_tie;
INSERT INTO ring_person
WITH changed AS (SELECT DISTINCT kind, key FROM ring_key), near AS (
    SELECT o.person_pseudonym
    FROM changed k
    CROSS JOIN LATERAL (
        SELECT DISTINCT t.person_pseudonym FROM claims_tie t
        WHERE t.kind = k.kind AND t.key = k.key
        LIMIT 51 + cardinality(%(sales)s::uuid[])
    ) AS o
    WHERE (SELECT count(*) FROM (
               SELECT DISTINCT t.person_pseudonym FROM claims_tie t
               WHERE t.kind = k.kind AND t.key = k.key
               LIMIT 51 + cardinality(%(sales)s::uuid[])) AS c
          ) <= 50 + cardinality(%(sales)s::uuid[])
    UNION
    SELECT s.person_pseudonym FROM claims_sale s WHERE s.id = ANY(%(sales)s::uuid[])
)
SELECT n.person_pseudonym FROM near n
UNION
SELECT m.person_pseudonym FROM claims_ringmember m
WHERE m.ring_id IN (SELECT r.ring_id FROM claims_ringmember r JOIN near n USING (person_pseudonym));
ANALYZE ring_person;
INSERT INTO ring_tie
SELECT p.person_pseudonym, k.kind, k.key
FROM ring_person p
JOIN LATERAL (SELECT DISTINCT t.kind, t.key FROM claims_tie t
              WHERE t.person_pseudonym = p.person_pseudonym) AS k ON TRUE
WHERE (SELECT count(*) FROM (SELECT DISTINCT t.person_pseudonym FROM claims_tie t
                             WHERE t.kind = k.kind AND t.key = k.key LIMIT 51) AS c)
      BETWEEN 2 AND CASE WHEN k.kind = 'ip' THEN 10 ELSE 50 END;
