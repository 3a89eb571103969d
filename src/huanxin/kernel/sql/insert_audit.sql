-- title: Write a batch of audit lines of one action
INSERT INTO kernel_auditentry
    (at, actor_id, actor_role, action, subject_kind, subject_id, region_path, org_id, facts, digest)
SELECT %(at)s::timestamptz, %(actor_id)s::uuid, %(actor_role)s, %(action)s, t.subject_kind,
       t.subject_id, t.region_path, t.org_id, t.facts::jsonb, decode(t.digest, 'hex')
FROM unnest(%(subject_kinds)s::text[], %(subject_ids)s::text[], %(region_paths)s::text[],
            %(org_ids)s::uuid[], %(facts)s::text[], %(digests)s::text[])
     AS t(subject_kind, subject_id, region_path, org_id, facts, digest)
