-- title: Buyers who are tied to others, and the ring they form
SELECT r.person_pseudonym, r.ring_id
FROM claims_ringmember r
