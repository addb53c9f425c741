"""Signatures: one's own, her photo, and the organisation's."""
