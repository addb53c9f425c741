"""Drafts, scheduled mails, and what has left."""
