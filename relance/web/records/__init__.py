"""Lists of records: one engine for every module."""
