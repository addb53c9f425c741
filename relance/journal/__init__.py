"""What was done, and how to undo it."""

from relance.journal.undo import CannotUndo, record, register_undo, undo

__all__ = ["CannotUndo", "record", "register_undo", "undo"]
