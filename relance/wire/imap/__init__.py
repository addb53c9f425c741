"""IMAP (RFC 9051 and RFC 3501): one session, many mails, no flag ever set by reading."""

from relance.wire.imap.fetched import FetchedFlags, RawFetched
from relance.wire.imap.folders import RemoteFolder
from relance.wire.imap.session import FolderState, ImapSession

__all__ = ["FetchedFlags", "FolderState", "ImapSession", "RawFetched", "RemoteFolder"]
