"""Teams and who is in them, for administrators."""
