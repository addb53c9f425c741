"""Quotes, orders and invoices: their lists, their pages, their PDF, their leaving by mail."""
