"""What happened to a record, and with it."""
