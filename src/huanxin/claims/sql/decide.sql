-- title: Write the decisions of a batch of claims in one statement
UPDATE claims_claim c
SET verify_status = d.verify, audit_status = d.audit, round = c.round + 1,
    mend_count = c.mend_count + CASE WHEN d.verify = 'mending' THEN 1 ELSE 0 END,
    decided_at = %(at)s, risk_score = d.risk, invoice_key = d.invoice, case_kind = d.kind,
    asked_at = CASE WHEN d.due IS NULL THEN NULL ELSE %(at)s END, due_at = d.due,
    needs_second = false, first_reviewer_id = NULL, second_reviewer_id = NULL
FROM unnest(%(ids)s::uuid[], %(verify)s::text[], %(audit)s::text[], %(risks)s::integer[],
            %(invoices)s::text[], %(kinds)s::text[], %(dues)s::timestamptz[])
     AS d (claim_id, verify, audit, risk, invoice, kind, due)
WHERE c.id = d.claim_id
