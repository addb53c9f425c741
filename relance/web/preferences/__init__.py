"""What a user sets for herself."""
