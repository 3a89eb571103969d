"""Pages of dismantlers: lots at the gate, runs on the scale, certificates, the month's totals."""
