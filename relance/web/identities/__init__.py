"""The addresses one may write from, and their proof."""
