"""A lead becomes a contact, with an account and a deal."""
