"""The inbox: columns, list, folders, search, live changes."""
