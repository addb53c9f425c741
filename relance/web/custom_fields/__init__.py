"""The fields an administrator adds to records."""
