"""Files of filters: read into drafts that somebody confirms, and written."""
