"""Leases, retries and sweeps: the row is the job. Knows no domain."""
