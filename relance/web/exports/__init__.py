"""Lists taken home as files."""
