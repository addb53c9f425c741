"""Sockets: IMAP, SMTP, provider tables, and the guard every connection passes through.

No Django here and no database: what comes in are plain values, what goes out are frozen
dataclasses and the errors of :mod:`relance.wire.errors`.
"""
