-- title: Hold a lottery's row with others who register, against its list being published
SELECT pool_id FROM vouchers_lottery WHERE pool_id = %(pool_id)s FOR SHARE
