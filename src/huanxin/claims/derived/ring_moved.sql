-- title: How many have another label after the step than before
SELECT CAST(COUNT(*) AS BIGINT) AS moved
FROM ring_label AS a
JOIN ring_next AS b ON b.person_pseudonym = a.person_pseudonym
WHERE b.label <> a.label
