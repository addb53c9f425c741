"""The mails of a person, an account or a deal."""
