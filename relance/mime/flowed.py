"""format=flowed (RFC 3676): lines that belong together, joined again."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join soft-broken lines of the same quote depth; signatures and fixed lines stay."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        body = body[1:] if body.startswith(" ") else body
        soft = body.endswith(" ") and body != "-- "
        kept = body[:-1] if soft and delete_space else body
        if open_depth == depth and body != "-- ":
            out[-1] += kept
        else:
            out.append((">" * depth + " " if depth else "") + kept)
        open_depth = depth if soft else -1
    return "\n".join(out)
