-- title: Everybody who is linked begins with the lowest of self and neighbours as label
SELECT l.one AS person_pseudonym,
       CASE WHEN MIN(l.other) < l.one THEN MIN(l.other) ELSE l.one END AS label
FROM ring_link AS l
GROUP BY l.one
