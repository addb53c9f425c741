"""The MIME tree (RFC 2046) as offsets into the source: one pass, no recursion, bounded.

A line that starts with two dashes is looked up among the boundaries in force; everything else is
skipped with `bytes.find`. A missing closing boundary ends with its parent; a boundary that never
comes is guessed from the first line that looks like one.
"""

import re
from dataclasses import dataclass, field

from relance.mime.fields import Header, read_header, read_part_header
from relance.mime.parameters import (
    MAX_VALUE,
    Structured,
    media_type,
    parameter,
    read_structured,
)
from relance.mime.words import header_text

MAX_DEPTH = 100
MAX_PARTS = 10_000
MAX_BOUNDARY = 1_000
_MAX_GUESSES = 3
_MAX_NEEDLE = 60
_GUESS = re.compile(rb"^--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\n(?=content-)", re.MULTILINE | re.I)
_PLAIN = Structured("text/plain", {})


@dataclass(slots=True)
class Node:
    """One entity: its header, and `raw[start:end]` as its (encoded) body."""

    header: Header
    content_type: str
    structured: Structured
    index: str
    start: int
    end: int
    parent: "Node | None" = None
    children: "list[Node]" = field(default_factory=list)


@dataclass(slots=True)
class Tree:
    """The root entity, the leaves in order, and what was wrong."""

    root: Node
    leaves: list[Node]
    defects: list[str]


class _Open(list[Node]):
    """The containers in force, innermost last, with their boundaries."""

    def __init__(self) -> None:
        super().__init__()
        self.boundaries: dict[bytes, int] = {}
        self.needle = b"\n--"
        self._hidden: list[tuple[bytes, int | None]] = []

    def enter(self, node: Node, boundary: bytes) -> None:
        """Put a container in force."""
        self._hidden.append((boundary, self.boundaries.get(boundary)))
        self.boundaries[boundary] = len(self)
        self.append(node)
        self._aim()

    def close(self, depth: int, end: int) -> None:
        """Close the containers deeper than `depth`, their body ending at `end`."""
        if len(self) <= depth:
            return
        while len(self) > depth:
            self.pop().end = end
            boundary, previous = self._hidden.pop()
            if previous is None:
                del self.boundaries[boundary]
            else:
                self.boundaries[boundary] = previous
        self._aim()

    def _aim(self) -> None:
        # What all boundaries start with: the longer the needle, the faster `find` goes; bounded
        # since `find` costs, at worst, its length times the length of the mail.
        if len(self.boundaries) == 1:
            common = next(iter(self.boundaries))
        elif self.boundaries:
            common = _shared(min(self.boundaries), max(self.boundaries))
        else:
            return
        self.needle = b"\n--" + common[:_MAX_NEEDLE]


def _shared(one: bytes, other: bytes) -> bytes:
    """What both start with."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return one[:n]
    return min(one, other)


def read_tree(raw: bytes) -> Tree:
    """The tree of a whole mail. Never raises; keeps at most `MAX_PARTS` entities."""
    header = read_header(raw, 0, len(raw))
    root = _node(header, len(raw), None)
    tree = Tree(root, [], list(header.defects))
    if root.content_type.startswith("multipart/"):
        root.index = ""
        scanner = _Scanner(raw, tree)
        scanner.fill(root, 0)
        _guess_lost(raw, tree, scanner)
        root.index = "" if root.children else "1"
    tree.leaves = [node for node in _walk(root) if not node.children]
    return tree


def _node(header: Header, end: int, parent: Node | None) -> Node:
    value = header.first(b"content-type")
    structured = read_structured(header_text(value[:MAX_VALUE])) if value else _PLAIN
    content_type = media_type(structured.value) or "text/plain"
    if not value and parent is not None and parent.content_type == "multipart/digest":
        content_type = "message/rfc822"
    return Node(header, content_type, structured, _index(parent), header.body, end, parent)


def _index(parent: Node | None) -> str:
    if parent is None:
        return "1"
    number = str(len(parent.children) + 1)
    return f"{parent.index}.{number}" if parent.index else number


def _boundary_of(node: Node) -> bytes:
    text = parameter(node.structured, "boundary").rstrip()[:MAX_BOUNDARY]
    return text.encode("utf-8", "replace")


class _Scanner:
    """Cuts containers into their parts, counting the parts of the whole mail."""

    def __init__(self, raw: bytes, tree: Tree) -> None:
        self._raw = raw
        self._tree = tree
        self._count = 0
        self._base_depth = 0
        self._opened = _Open()
        self._current: Node | None = None

    def fill(self, container: Node, depth: int) -> None:
        """Fill in the descendants of a container, reading its body once."""
        boundary = _boundary_of(container)
        if not boundary:
            return
        self._opened, self._current, self._base_depth = _Open(), None, depth
        self._opened.enter(container, boundary)
        stop = container.end
        if self._raw.startswith(b"--", container.start):
            at = container.start
        else:
            at = self._next(max(container.start - 1, 0), stop)
        while at >= 0 and self._opened:
            at = self._line(at, stop)
        if self._opened and self._raw[container.start : stop].strip():
            self._tree.defects.append("boundary-unclosed")
        self._opened.close(0, stop)

    def _next(self, position: int, stop: int) -> int:
        """The offset of the next line that may be a boundary, -1 when there is none."""
        found = self._raw.find(self._opened.needle, position, stop)
        return found + 1 if found >= 0 else -1

    def _line(self, at: int, stop: int) -> int:
        """Act on the line at `at` if it is a boundary; the offset of the next one to look at."""
        line_end = self._raw.find(b"\n", at, stop)
        line_end = stop if line_end < 0 else line_end
        line = self._raw[at + 2 : min(line_end, at + MAX_BOUNDARY + 8)]
        depth, closing = _match(line, self._opened)
        if depth >= 0:
            edge = _before_line(self._raw, at)
            if self._current is not None:
                self._current.end = max(edge, self._current.start)
                self._current = None
            self._opened.close(depth if closing else depth + 1, edge)
            if not closing and self._count >= MAX_PARTS:
                self._tree.defects.append("too-many-parts")
                return -1
            if not closing:
                self._open_part(min(line_end + 1, stop), stop)
        return self._next(line_end, stop)

    def _open_part(self, start: int, stop: int) -> None:
        """A new child of the innermost container, itself a container or a leaf."""
        self._count += 1
        parent = self._opened[-1]
        header = read_part_header(self._raw, start, stop)
        node = _node(header, stop, parent)
        parent.children.append(node)
        self._tree.defects.extend(header.defects)
        boundary = _boundary_of(node) if node.content_type.startswith("multipart/") else b""
        if not boundary:
            self._current = node
        elif len(self._opened) + self._base_depth >= MAX_DEPTH:
            self._tree.defects.append("nested-too-deep")
            self._current = node
        else:
            self._opened.enter(node, boundary)


def _match(line: bytes, opened: _Open) -> tuple[int, bool]:
    """The depth of the container whose boundary the line is (-1: none), and whether it closes."""
    text = line.rstrip(b" \t\r\n")
    depth = opened.boundaries.get(text, -1)
    if depth >= 0:
        return depth, False
    if text.endswith(b"--"):
        return opened.boundaries.get(text[:-2], -1), True
    # Some gateways write text after the closing boundary's dashes.
    return -1, False


def _before_line(raw: bytes, at: int) -> int:
    """The end of the content before a boundary line: its line break belongs to the boundary."""
    if at >= 2 and raw[at - 2 : at] == b"\r\n":
        return at - 2
    return max(at - 1, 0)


def _guess_lost(raw: bytes, tree: Tree, scanner: _Scanner) -> None:
    """Look again into containers none of whose boundaries came, a few levels deep."""
    lost = [node for node in _walk(tree.root) if _is_lost(node)]
    for _ in range(_MAX_GUESSES):
        found: list[Node] = []
        for node in lost:
            tree.defects.append("boundary-missing")
            match = _GUESS.search(raw, node.start, node.end)
            if match and _depth(node) < MAX_DEPTH:
                node.structured.parameters.clear()
                node.structured.parameters["boundary"] = match[1].decode("utf-8", "replace")
                scanner.fill(node, _depth(node))
                found += [inner for inner in _walk(node) if _is_lost(inner) and inner is not node]
        lost = found


def _is_lost(node: Node) -> bool:
    return node.content_type.startswith("multipart/") and not node.children


def _depth(node: Node) -> int:
    depth = 0
    while node.parent is not None:
        node, depth = node.parent, depth + 1
    return depth


def _walk(root: Node) -> list[Node]:
    """The entities of a tree in document order."""
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(reversed(node.children))
    return found
