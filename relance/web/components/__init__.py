"""Pieces that several pages of records share: lists, and fields that name a record."""
