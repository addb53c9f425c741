"""Imports of records from files: the file, how it is read, the dry run, and what came of it."""
