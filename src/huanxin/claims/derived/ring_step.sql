-- title: Everybody, and whom everybody points to, takes the lowest label two steps around (FastSV)
-- Labels only fall, and a label brings its own label along: long chains rest in few rounds.
WITH up AS (
    SELECT a.person_pseudonym, a.label, b.label AS grand
    FROM ring_label AS a
    JOIN ring_label AS b ON b.person_pseudonym = a.label
), near AS (
    SELECT l.one AS person_pseudonym, MIN(u.grand) AS low
    FROM ring_link AS l
    JOIN up AS u ON u.person_pseudonym = l.other
    GROUP BY l.one
), offer AS (
    SELECT u.label AS person_pseudonym, n.low AS label
    FROM up AS u
    JOIN near AS n ON n.person_pseudonym = u.person_pseudonym
    UNION ALL
    SELECT n.person_pseudonym, n.low AS label FROM near AS n
    UNION ALL
    SELECT u.person_pseudonym, u.grand AS label FROM up AS u
)
SELECT o.person_pseudonym, MIN(o.label) AS label
FROM offer AS o
GROUP BY o.person_pseudonym
