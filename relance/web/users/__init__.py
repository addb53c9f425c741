"""Letting people in and out."""
