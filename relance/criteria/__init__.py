"""What can be asked of a record, and named in a text: the fields of every entity."""
