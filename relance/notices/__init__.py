"""What a user is told."""

from relance.notices.telling import mark_read, tell, unread_count

__all__ = ["mark_read", "tell", "unread_count"]
