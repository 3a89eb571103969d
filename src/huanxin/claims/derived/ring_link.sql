-- title: Which two buyers belong together: by one strong thing they share, or by two weak ones
-- An account and a photo are strong; a device, phone, address or IP alone is weak: a shop's tablet,
-- a child's telephone and a village address are shared by people who do nothing wrong.
-- What more than fifty people share (an IP: ten) is public and ties nobody.
WITH shared AS (
    SELECT t.kind, t.key
    FROM ring_tie AS t
    GROUP BY t.kind, t.key
    HAVING MIN(t.person_pseudonym) < MAX(t.person_pseudonym)
), used AS (
    SELECT DISTINCT t.kind, t.key, t.person_pseudonym
    FROM ring_tie AS t
    JOIN shared AS s ON s.kind = t.kind AND s.key = t.key
), private AS (
    SELECT u.kind, u.key
    FROM used AS u
    GROUP BY u.kind, u.key
    HAVING COUNT(*) <= MIN(CASE WHEN u.kind = 'ip' THEN 10 ELSE 50 END)
), near AS (
    SELECT u.kind, u.key, u.person_pseudonym
    FROM used AS u
    JOIN private AS p ON p.kind = u.kind AND p.key = u.key
), pair AS (
    SELECT DISTINCT a.person_pseudonym AS one, b.person_pseudonym AS other, a.kind
    FROM near AS a
    JOIN near AS b
      ON b.kind = a.kind AND b.key = a.key AND b.person_pseudonym <> a.person_pseudonym
)
SELECT p.one, p.other
FROM pair AS p
GROUP BY p.one, p.other
HAVING SUM(CASE WHEN p.kind IN ('card', 'photo') THEN 2 ELSE 1 END) >= 2
