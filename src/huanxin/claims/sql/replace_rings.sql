-- title: The rings of those people as they are now
DELETE FROM claims_ringmember m USING ring_person p
WHERE m.person_pseudonym = p.person_pseudonym;
INSERT INTO claims_ringmember (person_pseudonym, ring_id)
SELECT l.person_pseudonym, l.label FROM ring_label l;
