-- title: What was claimed, used and lapsed of a pool in each step of time
SELECT date_bin(%(step)s, t.at, %(origin)s) + %(step)s AS until,
       CAST(sum(t.claimed) AS bigint), CAST(sum(t.used) AS bigint), CAST(sum(t.lapsed) AS bigint)
FROM (
    SELECT v.issued_at AS at, 1 AS claimed, 0 AS used, 0 AS lapsed
    FROM vouchers_voucher v WHERE v.pool_id = %(pool_id)s
    UNION ALL
    SELECT v.changed_at, 0, CASE WHEN v.state = 'used' THEN 1 ELSE 0 END,
           CASE WHEN v.state = 'lapsed' THEN 1 ELSE 0 END
    FROM vouchers_voucher v
    WHERE v.pool_id = %(pool_id)s AND v.state IN ('used', 'lapsed')
) t
GROUP BY 1 ORDER BY 1
