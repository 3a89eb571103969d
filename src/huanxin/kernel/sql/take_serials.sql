-- title: Take serials for numbers that people read aloud
SELECT nextval('kernel_number_serial') FROM generate_series(1, %(count)s::int)
