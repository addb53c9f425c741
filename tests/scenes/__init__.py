"""The acceptance scenes: small stories that cover the traps, told from the outside."""
