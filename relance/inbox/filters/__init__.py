"""Filters: rules that act on mail as it comes, once each, and on mail that came before.

`rules` reads and compiles them, `acting` applies them, `actions` does and undoes what they say,
`trying` shows what one would meet, `past` applies one to older mail, `sentences` words one.
"""
