"""Relance: the sales inbox. An e-mail client fused with a CRM."""

__version__ = "0.1.0"
