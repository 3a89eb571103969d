-- title: Buyers who are tied to others, and the ring they form
SELECT l.person_pseudonym, l.label AS ring_id
FROM ring_label AS l
