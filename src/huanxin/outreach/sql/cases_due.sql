-- title: differences whose owner must answer soon and has not been told
SELECT c.case_id::text, c.owner_org_id, c.number, c.deadline_epoch
FROM mart_recycling_case c
WHERE c.state = 'open' AND c.deadline_epoch > %(from)s AND c.deadline_epoch <= %(to)s
  AND NOT EXISTS (SELECT 1 FROM outreach_message m WHERE m.source_key = 'case_due:' || c.case_id)
ORDER BY c.deadline_epoch, c.case_id LIMIT %(limit)s
