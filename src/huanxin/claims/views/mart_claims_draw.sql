-- title: The urn of each day: which passed claims were drawn for a person to look at, and why
SELECT d.claim_id, d.round::integer AS round, d.on AS drawn_on, d.stratum,
       d.value_bps::integer AS value_bps, d.rate_bps::integer AS rate_bps, d.is_drawn
FROM claims_draw d
