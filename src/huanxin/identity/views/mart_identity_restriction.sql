-- title: Who or what may not take part, and from when to when
SELECT kind, key, from_on, to_on FROM identity_restriction
