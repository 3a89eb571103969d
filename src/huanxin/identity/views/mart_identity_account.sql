-- title: Accounts of staff: who may come in, as what, for whom
SELECT id AS account_id, login, display_name, role, organisation_id AS org_id, region_path, is_active,
       is_administrator
FROM identity_account
WHERE role <> 'consumer'
