"""The library of documents."""
