-- title: Which two buyers belong together: by one strong thing they share, or by two weak ones
-- An account and a photo are strong; a device, phone, address or IP alone is weak: a shop's tablet,
-- a child's telephone and a village address are shared by people who do nothing wrong.
-- What more than fifty people share (an IP: ten) is public and ties nobody.
WITH person_tie AS (
    SELECT DISTINCT t.person_pseudonym, t.kind, t.key
    FROM ring_tie AS t
), shared AS (
    SELECT p.kind, p.key
    FROM person_tie AS p
    GROUP BY p.kind, p.key
    HAVING COUNT(*) BETWEEN 2 AND MIN(CASE WHEN p.kind = 'ip' THEN 10 ELSE 50 END)
), used AS (
    SELECT p.person_pseudonym, p.kind, p.key
    FROM person_tie AS p
    JOIN shared AS s ON s.kind = p.kind AND s.key = p.key
), pair AS (
    SELECT DISTINCT a.person_pseudonym AS one, b.person_pseudonym AS other, a.kind
    FROM used AS a
    JOIN used AS b
      ON b.kind = a.kind AND b.key = a.key AND b.person_pseudonym <> a.person_pseudonym
)
SELECT p.one, p.other
FROM pair AS p
GROUP BY p.one, p.other
HAVING SUM(CASE WHEN p.kind IN ('card', 'photo') THEN 2 ELSE 1 END) >= 2
