"""Leads and contacts."""
