"""Clock, keys, text, money and reasons. Imports nothing of ours, and no Django."""
