"""The leaves of a mail: which are its body, which are attachments, and what they hold."""

import hashlib
import html as _html
import re
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from relance.mime.charsets import clean, decode
from relance.mime.fields import read_header
from relance.mime.flowed import unflow
from relance.mime.message import Part
from relance.mime.parameters import Structured, parameter, read_structured, safe_filename
from relance.mime.plain import html_to_text
from relance.mime.transfer import decode_transfer
from relance.mime.tree import Node, Tree
from relance.mime.words import decode_words, header_text, one_line

MAX_TEXT = 1_000_000
MAX_HTML = 2_000_000
_CID = re.compile(r"cid:([^\"'\s<>)]{1,500})", re.IGNORECASE)
_NEWLINES = re.compile(r"\r\n?")
_EXTENSIONS = {"text/calendar": "invite.ics", "message/rfc822": "subject.eml",
               "application/ms-tnef": "winmail.dat", "message/delivery-status": "status.txt",
               "application/pkcs7-mime": "smime.p7m", "application/pkcs7-signature": "smime.p7s",
               "application/pgp-signature": "signature.asc", "text/html": "page.html",
               "text/plain": "text.txt", "text/csv": "table.csv", "text/vcard": "contact.vcf",
               "text/x-vcard": "contact.vcf", "image/jpeg": "image.jpg"}  # fmt: skip
_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_NONE = Structured("", {})


@dataclass(slots=True)
class Body:
    """What a reader sees, and the parts behind it."""

    text: str = ""
    plain: str = ""  # the text the mail itself carried, not what was drawn from its HTML
    html: str = ""
    parts: tuple[Part, ...] = ()
    body_digests: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Leaf:
    """A leaf with the facts that decide its role."""

    node: Node
    disposition: str
    filename: str
    content_id: str
    role: str = ""
    text: str = ""
    part: Part | None = None


def read_body(raw: bytes, tree: Tree) -> Body:
    """Decode every leaf once; keep the text of the body, and the digest of each."""
    leaves = [_leaf(node) for node in tree.leaves]
    _assign_roles(leaves)
    body = Body()
    room = {"text": MAX_TEXT, "html": MAX_HTML}
    for leaf in leaves:
        _decode_leaf(raw, leaf, body, room)
    body.html = _joined_html(leaves)
    body.text = _joined_text(leaves)
    body.plain = "\n\n".join(
        leaf.text.strip("\n") for leaf in leaves if leaf.role in ("text", "alt")
    )
    body.parts = tuple(_with_roles(leaves, body.html))
    return body


def part_bytes(raw: bytes, node: Node) -> bytes:
    """The decoded content of a leaf."""
    return decode_transfer(raw[node.start : node.end], _encoding(node))[0]


def _leaf(node: Node) -> _Leaf:
    fields = node.header.fields
    value = fields.get(b"content-disposition")
    disposition = read_structured(header_text(value[0][:65_536])) if value else _NONE
    filename = parameter(disposition, "filename") or parameter(node.structured, "name")
    content_id = node.header.first(b"content-id").strip(b"<> \t")[:500]
    kind = disposition.value.split()[0][:40] if disposition.value.strip() else ""
    cid = header_text(content_id) if content_id else ""
    return _Leaf(node, kind, safe_filename(filename), cid)


def _encoding(node: Node) -> str:
    value = node.header.first(b"content-transfer-encoding")
    if not value:
        return ""
    word = value[:80].split(b";")[0].split()
    return word[0].decode("latin-1").lower().strip("\"'") if word else ""


def _assign_roles(leaves: list[_Leaf]) -> None:
    """Roles: "text" and "html" make the body, "attached" is everything else."""
    for number, leaf in enumerate(leaves):
        leaf.role = _role(leaf, alone=len(leaves) == 1, first=number == 0)
    for group in _alternatives(leaves).values():
        _choose(group)


def _role(leaf: _Leaf, alone: bool, first: bool) -> str:
    content_type = leaf.node.content_type
    if leaf.disposition == "attachment" and not (alone and not leaf.filename):
        return "attached"
    if leaf.filename and not alone and not (first and leaf.disposition != "attachment"):
        return "attached"
    if content_type in ("text/html", "application/xhtml+xml"):
        return "html"
    if content_type in ("text/plain", "text/enriched", "text/richtext", "text/markdown"):
        return "text"
    if content_type.startswith("multipart/") and leaf.node.parent is None:
        return "text"  # a container none of whose boundaries ever came
    if _is_other_version(leaf):
        return "unused"
    return (
        "text" if alone and content_type.startswith("text/") and not leaf.filename else "attached"
    )


def _is_other_version(leaf: _Leaf) -> bool:
    """A version of the text in a form we do not show (AMP, watch): not a file of the sender's."""
    parent = leaf.node.parent
    if parent is None or parent.content_type != "multipart/alternative" or leaf.filename:
        return False
    return leaf.node.content_type.startswith("text/") and leaf.node.content_type != "text/calendar"


def _alternatives(leaves: list[_Leaf]) -> dict[int, list[_Leaf]]:
    """The body leaves of each outermost multipart/alternative."""
    groups: dict[int, list[_Leaf]] = {}
    for leaf in leaves:
        if leaf.role in ("attached", "unused"):
            continue
        outermost = None
        node = leaf.node.parent
        while node is not None:
            if node.content_type == "multipart/alternative":
                outermost = node
            node = node.parent
        if outermost is not None:
            groups.setdefault(id(outermost), []).append(leaf)
    return groups


def _choose(group: list[_Leaf]) -> None:
    """Of one alternative: plain text for reading as text, HTML for showing, each once."""
    plain = [leaf for leaf in group if leaf.role == "text"]
    rich = [leaf for leaf in group if leaf.role == "html"]
    if not rich and len(plain) > 1:
        for leaf in plain[:-1]:
            leaf.role = "unused"
    elif rich:
        kept = [leaf for leaf in plain if leaf.node.content_type == "text/plain"]
        for leaf in plain:
            leaf.role = "alt" if leaf in kept else "unused"
        for leaf in rich:
            leaf.role = "alt-html" if kept else "html"


def _decode_leaf(raw: bytes, leaf: _Leaf, body: Body, room: dict[str, int]) -> None:
    node = leaf.node
    data, defect = decode_transfer(raw[node.start : node.end], _encoding(node))
    if defect:
        body.defects.append(defect)
    leaf.part = Part(
        index=node.index,
        content_type=node.content_type,
        charset=parameter(node.structured, "charset")[:60],
        filename=_name_of(leaf, data),
        disposition=leaf.disposition,
        content_id=leaf.content_id,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        is_attachment=leaf.role == "attached",
        is_inline=False,
    )
    if leaf.role not in ("attached", "unused"):
        _read_text(leaf, data, body, room)


def _read_text(leaf: _Leaf, data: bytes, body: Body, room: dict[str, int]) -> None:
    """Keep the text of a leaf of the body, within the room left; what is cut is digested whole."""
    kind = "html" if leaf.role in ("html", "alt-html") else "text"
    charset = parameter(leaf.node.structured, "charset")[:60]
    text = decode(data[: room[kind] * 4 + 4], charset)
    if "\r" in text:
        text = _NEWLINES.sub("\n", text)
    if len(text) > room[kind] or len(data) > room[kind] * 4 + 4:
        text = text[: room[kind]]
        body.body_digests.append(hashlib.sha256(data).hexdigest())
        body.defects.append(f"{kind}-cut-short")
    room[kind] -= len(text)
    leaf.text = _flowed(leaf.node, text) if kind == "text" else text


def _flowed(node: Node, text: str) -> str:
    if node.structured.parameters.get("format", "").lower() != "flowed":
        return text
    return unflow(text, node.structured.parameters.get("delsp", "").lower() == "yes")


def _name_of(leaf: _Leaf, data: bytes) -> str:
    if leaf.filename or leaf.role != "attached":
        return leaf.filename
    content_type = leaf.node.content_type
    if content_type == "message/rfc822":
        return _subject_name(data)
    main, _, sub = content_type.partition("/")
    return _EXTENSIONS.get(content_type) or (
        f"image.{sub[:10]}" if main == "image" else "attachment.bin"
    )


def _subject_name(data: bytes) -> str:
    """A nested mail is named after its subject."""
    header = read_header(data, 0, min(len(data), 262_144))
    subject = one_line(decode_words(header_text(header.first(b"subject")[:2000])))
    return safe_filename(
        subject.replace("/", "-").replace("\\", "-")[:120] + ".eml" if subject else "message.eml"
    )


def _joined_html(leaves: list[_Leaf]) -> str:
    """The HTML of the body, plain neighbours included; "" when the body is plain throughout."""
    if not any(leaf.role in ("html", "alt-html") for leaf in leaves):
        return ""
    pieces = [_as_html(leaf) for leaf in leaves if leaf.role in ("html", "alt-html", "text")]
    return "\n".join(piece for piece in pieces if piece)


def _as_html(leaf: _Leaf) -> str:
    if leaf.role != "text":
        return leaf.text.rstrip("\n")
    text = leaf.text.strip("\n")
    return f'<div style="white-space:pre-wrap">{_html.escape(text, False)}</div>' if text else ""


def _joined_text(leaves: list[_Leaf]) -> str:
    pieces: list[str] = []
    for leaf in leaves:
        if leaf.role in ("text", "alt"):
            pieces.append(leaf.text.strip("\n"))
        elif leaf.role == "html":
            pieces.append(html_to_text(leaf.text))
    text = "\n\n".join(piece for piece in pieces if piece)
    if not text.strip():
        text = "\n\n".join(html_to_text(leaf.text) for leaf in leaves if leaf.role == "alt-html")
    return text[:MAX_TEXT]


def _with_roles(leaves: list[_Leaf], html: str) -> list[Part]:
    """The parts, those shown inside the HTML by their Content-ID marked inline."""
    parts = [leaf.part for leaf in leaves if leaf.part is not None]
    if "cid:" not in html.lower():
        return parts
    shown = {unquote(clean(m[1])).lower() for m in _CID.finditer(html)}
    return [
        _as_shown(part)
        if part.content_type in _SHOWN and part.content_id.lower() in shown
        else part
        for part in parts
    ]


def _as_shown(part: Part) -> Part:
    return replace(part, is_attachment=False, is_inline=part.is_attachment)
