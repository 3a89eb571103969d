-- id: count_request
-- title: One more request of a caller in this minute; answers how many that makes
INSERT INTO identity_ratewindow AS kept (subject, minute, count) VALUES (%(subject)s, %(minute)s, 1)
ON CONFLICT (subject) DO UPDATE SET
    count = CASE WHEN kept.minute = excluded.minute THEN kept.count + 1 ELSE 1 END,
    minute = excluded.minute
RETURNING count
