"""Who logs in, and the organisation they work for."""
