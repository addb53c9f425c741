"""The house: processes, commands, settings."""
