"""Currencies and their rates, for administrators."""
