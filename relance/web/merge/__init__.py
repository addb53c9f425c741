"""Duplicates: found, compared, merged or set aside."""
