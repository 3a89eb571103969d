-- title: Write the decisions of a batch of claims in one statement
UPDATE claims_claim c
SET verify_status = d.verify, audit_status = d.audit, round = c.round + 1,
    decided_at = %(at)s, risk_score = d.risk, invoice_key = d.invoice
FROM unnest(%(ids)s::uuid[], %(verify)s::text[], %(audit)s::text[], %(risks)s::integer[],
            %(invoices)s::text[]) AS d (claim_id, verify, audit, risk, invoice)
WHERE c.id = d.claim_id
