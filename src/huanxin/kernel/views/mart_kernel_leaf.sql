-- id: mart_kernel_leaf
-- title: audit entries as leaves of the transparency log (their text is made in kernel.audit)
SELECT id AS row_id, tx, digest, NULL::text AS text FROM kernel_auditentry
