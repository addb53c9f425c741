"""What an administrator sets for everybody."""
