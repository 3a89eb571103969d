-- id: organisations
-- title: 企业与单位
-- permission: policy.read
-- import: yes
-- scope: public
-- columns: uscc 统一社会信用代码, name 名称, kind 类型, region_code 地区代码, status 准入, address 地址, phone 电话
SELECT org_id AS key, uscc, name, kind, split_part(region_path, '/', -1) AS region_code, status, address, phone,
       region_path, org_id, NULL::uuid AS other_org_id
FROM mart_identity_organisation
