"""Synchronising mailboxes over IMAP: planning, fetching, flags, and the process that does it."""
