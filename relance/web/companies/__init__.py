"""Companies, shown as accounts."""
