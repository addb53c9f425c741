"""The MIME tree of a mail: its leaves, found with bounded, linear work (RFC 2045–2049)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from relance.mime.headers import (
    MAX_BLOCK,
    Headers,
    base64_bytes,
    one_line,
    parameters,
    raw_text,
    split_block,
)

MAX_DEPTH = 60
MAX_PARTS = 10_000
_GUESSED = re.compile(rb"^--([^\s]{1,70})[ \t]*\r?$", re.MULTILINE)
_GUESS_WITHIN = 100_000  # bytes searched for a boundary nobody declared rightly


@dataclass(slots=True)
class Leaf:
    """A part without children: where its body lies in the source, and what its headers say."""

    index: str
    content_type: str
    params: dict[str, str]
    headers: Headers
    start: int
    end: int
    disposition: str = ""
    filename: str = ""

    @property
    def charset(self) -> str:
        return self.params.get("charset", "")

    @property
    def content_id(self) -> str:
        return one_line(raw_text(self.headers, "content-id", limit=500)).strip("<> ")


@dataclass(slots=True)
class Tree:
    """The headers of the mail, its leaves in order, and what was wrong."""

    headers: Headers
    leaves: list[Leaf]
    defects: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Region:
    """A stretch of the source that is an entity: headers, then a body."""

    start: int
    end: int
    index: str
    depth: int
    in_digest: bool = False


def split(raw: bytes) -> Tree:
    """The leaves of `raw`. Never raises; unusual things are named in `defects`."""
    start = _after_mbox_line(raw)
    headers, body = _entity(raw, start, len(raw))
    tree = Tree(headers, [])
    if not headers:
        tree.defects.append("no_headers")
    pending = [(_Region(start, len(raw), "", 0), headers, body)]
    while pending:
        region, own, at = pending.pop()
        children = _children(raw, region, own, at, tree)
        for child in reversed(children):
            sub, content = _entity(raw, child.start, child.end)
            pending.append((child, sub, content))
        if len(tree.leaves) >= MAX_PARTS:
            tree.defects.append("too_many_parts")
            break
    return tree


def _after_mbox_line(raw: bytes) -> int:
    if not raw.startswith((b"From ", b">From ")):
        return 0
    end = raw.find(b"\n")
    return end + 1 if end >= 0 else 0


def _entity(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """(headers, where the body begins) of the entity at [start, end)."""
    if raw[start : start + 1] in (b"\n", b"\r"):
        return {}, start + (2 if raw[start : start + 2] == b"\r\n" else 1)
    stop = min(end, start + MAX_BLOCK)
    unix = raw.find(b"\n\n", start, stop)
    dos = raw.find(b"\r\n\r\n", start, stop if unix < 0 else unix)
    if dos >= 0:
        return split_block(raw[start:dos]), dos + 4
    if unix >= 0:
        return split_block(raw[start:unix]), unix + 2
    mac = raw.find(b"\r\r", start, stop)
    if mac >= 0 and raw.find(b"\n", start, mac) < 0:
        return split_block(raw[start:mac]), mac + 2
    return split_block(raw[start:stop]), end


def _children(
    raw: bytes, region: _Region, headers: Headers, body: int, tree: Tree
) -> list[_Region]:
    """The entities inside a multipart; none for a leaf, which is then added to the tree."""
    default = "message/rfc822" if region.in_digest else "text/plain"
    kind, params = parameters(raw_text(headers, "content-type") or default)
    if not kind.startswith("multipart/") or region.depth >= MAX_DEPTH:
        if kind.startswith("multipart/"):
            tree.defects.append("nested_too_deep")
            kind = "application/octet-stream"
        tree.leaves.append(_leaf(region, headers, body, kind or default, params))
        return []
    spans = _spans(raw, params.get("boundary", ""), body, region.end, tree)
    if not spans:
        tree.defects.append("no_boundary")
        tree.leaves.append(_leaf(region, headers, body, "text/plain", {}))
        return []
    prefix = region.index + "." if region.index else ""
    digest = kind == "multipart/digest"
    return [
        _Region(start, end, f"{prefix}{n}", region.depth + 1, digest)
        for n, (start, end) in enumerate(spans, 1)
    ]


def _spans(
    raw: bytes, boundary: str, body: int, end: int, tree: Tree
) -> list[tuple[int, int]]:
    """Where the parts lie; with a wrong boundary, by the one the body really uses."""
    declared = boundary.encode("utf-8", "replace")
    spans = _delimited(raw, declared, body, end, tree) if declared else []
    if not spans and (guess := _GUESSED.search(raw, body, min(end, body + _GUESS_WITHIN))):
        spans = _delimited(raw, guess[1], body, end, tree)
        if spans:
            tree.defects.append("wrong_boundary")
    return spans


def _delimited(
    raw: bytes, boundary: bytes, body: int, end: int, tree: Tree
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    opened = -1
    for before, after, closing in _delimiters(raw, b"--" + boundary, body, end):
        if opened >= 0:
            spans.append((opened, max(opened, before)))
        opened = -1 if closing else after
        if closing or len(spans) >= MAX_PARTS:
            return spans
    if opened >= 0:
        tree.defects.append("not_closed")
        spans.append((opened, end))
    return spans


def _delimiters(
    raw: bytes, mark: bytes, body: int, end: int
) -> Iterator[tuple[int, int, bool]]:
    """(end of the part before, start of the part after, is it the closing one) of each line."""
    at = raw.find(mark, body, end)
    while at >= 0:
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        rest = raw[at + len(mark) : min(line_end, at + len(mark) + 200)].strip()
        at_line_start = at == body or raw[at - 1 : at] in (b"\n", b"\r")
        if at_line_start and rest in (b"", b"--"):
            before = at - 1 if at > body else at
            if raw[before - 1 : before + 1] == b"\r\n":
                before -= 1
            yield before, min(line_end + 1, end), rest == b"--"
        at = raw.find(mark, at + len(mark), end)


def _leaf(
    region: _Region, headers: Headers, body: int, kind: str, params: dict[str, str]
) -> Leaf:
    disposition, extra = parameters(raw_text(headers, "content-disposition"))
    return Leaf(
        index=region.index or "1",
        content_type=kind[:150] if "/" in kind else "text/plain",
        params=params,
        headers=headers,
        start=min(body, region.end),
        end=region.end,
        disposition=disposition[:30],
        filename=(extra.get("filename") or params.get("name") or "")[:1000],
    )


def content(raw: bytes, leaf: Leaf) -> bytes:
    """The decoded bytes of a leaf; what cannot be decoded is kept as far as it can."""
    data = raw[leaf.start : leaf.end]
    encoding = raw_text(leaf.headers, "content-transfer-encoding", limit=80).strip().lower()
    if encoding.startswith("base64"):
        return base64_bytes(data)
    if encoding.startswith("quoted-printable"):
        return binascii.a2b_qp(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return _uudecode(data)
    return data


def _uudecode(data: bytes) -> bytes:
    lines = data.splitlines()
    begin = next((n for n, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    out = []
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
