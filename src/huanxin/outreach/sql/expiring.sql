-- title: usable vouchers that lapse soon and whose holder has not been told
SELECT v.voucher_id::text, v.person_id, v.number, v.expires_epoch
FROM mart_vouchers_voucher v
WHERE v.state = 'usable' AND v.expires_epoch > %(from)s AND v.expires_epoch <= %(to)s
  AND NOT EXISTS (SELECT 1 FROM outreach_message m
                  WHERE m.source_key = 'expiring:' || v.voucher_id || ':' || v.expires_epoch)
ORDER BY v.expires_epoch, v.voucher_id LIMIT %(limit)s
