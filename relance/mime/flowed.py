"""format=flowed (RFC 3676): soft line breaks joined again, quote depth kept."""

import re

_QUOTE = re.compile(r">*")


def unflow(text: str, delete_space: bool = False) -> str:
    """`text` with its flowed lines joined into paragraphs; quoted lines keep "> " per level."""
    lines: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for raw in text.split("\n"):
        match = _QUOTE.match(raw)
        level = match.end() if match else 0
        line = raw[level:]
        line = line[1:] if line[:1] == " " else line
        if paragraph and level != depth:
            lines.append(_quoted(paragraph, depth))
            paragraph = []
        depth = level
        flowed = line[-1:] == " " and line != "-- "
        paragraph.append(line[:-1] if flowed and delete_space else line)
        if not flowed:
            lines.append(_quoted(paragraph, depth))
            paragraph = []
    if paragraph:
        lines.append(_quoted(paragraph, depth))
    return "\n".join(lines)


def _quoted(paragraph: list[str], depth: int) -> str:
    joined = "".join(paragraph)
    return ">" * depth + " " + joined if depth else joined
