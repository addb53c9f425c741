"""Mailboxes: accounts, synchronisation, messages, threads, sending."""
