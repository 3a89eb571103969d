-- title: Who or what may not take part, and from when to when; what was lifted is out at once
SELECT kind, key, from_on, to_on FROM identity_restriction WHERE lifted_at IS NULL
