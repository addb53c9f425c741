"""The MIME tree (RFC 2046) as offsets into the source: one pass, no recursion, bounded.

A line that starts with two dashes is looked up among the boundaries in force; everything else is
skipped with `bytes.find`. A missing closing boundary ends with its parent; a boundary that never
comes is guessed from the first line that looks like one.
"""

import re
from dataclasses import dataclass, field

from relance.mime.fields import Header, read_header
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

    @property
    def is_multipart(self) -> bool:
        """Whether the entity was opened as a container."""
        return bool(self.children)


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
        self._hidden: list[tuple[bytes, int | None]] = []

    def enter(self, node: Node, boundary: bytes) -> None:
        self._hidden.append((boundary, self.boundaries.get(boundary)))
        self.boundaries[boundary] = len(self)
        self.append(node)

    def close(self, depth: int, end: int) -> None:
        """Close the containers deeper than `depth`, their body ending at `end`."""
        while len(self) > depth:
            self.pop().end = end
            boundary, previous = self._hidden.pop()
            if previous is None:
                del self.boundaries[boundary]
            else:
                self.boundaries[boundary] = previous


def read_tree(raw: bytes) -> Tree:
    """The tree of a whole mail. Never raises; keeps at most `MAX_PARTS` entities."""
    header = read_header(raw, 0, len(raw))
    root = _node(raw, header, len(raw), None)
    tree = Tree(root, [], list(header.defects))
    if root.content_type.startswith("multipart/"):
        root.index = ""
        _scan(raw, root, tree, 0, [0])
        _guess_lost(raw, tree)
    tree.leaves = _leaves(root)
    return tree


def _node(raw: bytes, header: Header, end: int, parent: Node | None) -> Node:
    value = header.first(b"content-type")
    structured = read_structured(header_text(value[:MAX_VALUE])) if value else _PLAIN
    content_type = media_type(structured.value)
    if not content_type:
        digest = parent is not None and parent.content_type == "multipart/digest" and not value
        content_type = "message/rfc822" if digest else "text/plain"
    index = f"{parent.index}.{len(parent.children) + 1}" if parent and parent.index else (
        str(len(parent.children) + 1) if parent else "1")  # fmt: skip
    return Node(header, content_type, structured, index, header.body, end, parent)


def _boundary_of(node: Node) -> bytes:
    text = parameter(node.structured, "boundary").rstrip()[:MAX_BOUNDARY]
    return text.encode("utf-8", "replace")


def _scan(raw: bytes, root: Node, tree: Tree, base_depth: int, count: list[int]) -> None:
    """Fill in the descendants of a container, reading its body once."""
    opened = _Open()
    boundary = _boundary_of(root)
    if not boundary:
        return
    opened.enter(root, boundary)
    stop = root.end
    current: Node | None = None
    at = _next_dashes(raw, max(root.start - 1, 0), stop, first=root.start)
    while at >= 0 and opened:
        line_end = raw.find(b"\n", at, stop)
        line_end = stop if line_end < 0 else line_end
        depth, closing = _match(raw[at + 2 : min(line_end, at + MAX_BOUNDARY + 8)], opened)
        following = _next_dashes(raw, line_end, stop)
        if depth >= 0:
            edge = _before_line(raw, at)
            if current is not None:
                current.end = max(edge, current.start)
                current = None
            opened.close(depth if closing else depth + 1, edge)
            if not closing:
                if count[0] >= MAX_PARTS:
                    tree.defects.append("too-many-parts")
                    break
                count[0] += 1
                limit = following if following >= 0 else stop
                current = _open_part(raw, opened, min(line_end + 1, stop), limit, base_depth, tree)
                if current.end == -1:  # a container: what precedes its first part is no leaf
                    current.end = stop
                    current = None
        at = following
    if opened:
        if raw[root.start : stop].strip():
            tree.defects.append("boundary-unclosed")
        opened.close(0, stop)


def _open_part(
    raw: bytes, opened: _Open, start: int, limit: int, base_depth: int, tree: Tree
) -> Node:
    """A new child of the innermost container; `end` is -1 when it is a container itself."""
    parent = opened[-1]
    header = read_header(raw, start, limit)
    node = _node(raw, header, len(raw), parent)
    node.end = parent.end
    parent.children.append(node)
    if header.defects:
        tree.defects.extend(header.defects)
    if not node.content_type.startswith("multipart/"):
        return node
    boundary = _boundary_of(node)
    if not boundary:
        return node
    if len(opened) + base_depth >= MAX_DEPTH:
        tree.defects.append("nested-too-deep")
        return node
    opened.enter(node, boundary)
    node.end = -1
    return node


def _next_dashes(raw: bytes, position: int, stop: int, first: int = -1) -> int:
    """The offset of the next line that starts with two dashes, -1 when there is none."""
    if first >= 0 and raw[first : first + 2] == b"--":
        return first
    found = raw.find(b"\n--", position, stop)
    return found + 1 if found >= 0 else -1


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


def _guess_lost(raw: bytes, tree: Tree) -> None:
    """Look again into containers none of whose boundaries came, a few levels deep."""
    lost = [tree.root] if not tree.root.children else []
    lost += [n for n in _walk(tree.root) if _is_lost(n) and n is not tree.root]
    count = [sum(1 for _ in _walk(tree.root))]
    for _ in range(_MAX_GUESSES):
        found: list[Node] = []
        for node in lost:
            match = _GUESS.search(raw, node.start, node.end)
            tree.defects.append("boundary-missing")
            if match:
                node.structured.parameters["boundary"] = match[1].decode("utf-8", "replace")
                node.structured.parameters.pop("boundary*", None)
                _scan(raw, node, tree, _depth(node), count)
                found += [n for n in _walk(node) if _is_lost(n) and n is not node]
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


def _leaves(root: Node) -> list[Node]:
    leaves = [node for node in _walk(root) if not node.children]
    if root.index == "" and not root.children:
        root.index = "1"
    return leaves
