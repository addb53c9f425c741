"""The rules of the house that no other tool keeps, as functions that list the faults found."""
