-- title: From now on this connection keeps its plans, and none reads a whole table
SELECT set_config('enable_seqscan', 'off', false),
       set_config('plan_cache_mode', 'force_generic_plan', false)
