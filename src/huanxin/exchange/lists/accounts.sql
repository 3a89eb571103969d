-- id: accounts
-- title: 工作人员账号
-- permission: identity.open_account
-- import: yes
-- columns: login 登录名, display_name 姓名, role 角色, uscc 统一社会信用代码, is_active 在用, is_administrator 管理员
SELECT a.account_id AS key, a.login, a.display_name, a.role, o.uscc, a.is_active, a.is_administrator,
       a.region_path, a.org_id, NULL::uuid AS other_org_id
FROM mart_identity_account a
LEFT JOIN mart_identity_organisation o ON o.org_id = a.org_id
