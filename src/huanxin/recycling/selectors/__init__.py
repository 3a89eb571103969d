"""Orders, jobs, routes, stock, lots, certificates: reads only, one module an aggregate."""
