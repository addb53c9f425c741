"""Events written with the change they tell of, read by the open pages. Knows no domain."""
