"""Submitting mail (RFC 5321, RFC 6409)."""

from relance.wire.smtp.replies import Refusal
from relance.wire.smtp.session import SmtpSession, Submitted, submit

__all__ = ["Refusal", "SmtpSession", "Submitted", "submit"]
