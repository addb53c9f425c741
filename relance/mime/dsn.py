"""Reports of mail that was not delivered: bytes in, one `Report` per recipient out.

In order of trust: delivery status notifications (RFC 3464), abuse reports (RFC 5965), the header
X-Failed-Recipients (Exim, Gmail), and last the words of a mail system (`bounce_texts`). Bounded
and linear, and never raising: a report is written by whoever likes to.
"""

import re
from dataclasses import dataclass

from relance.mime import bounce_texts
from relance.mime.addresses import addresses
from relance.mime.body import part_bytes
from relance.mime.charsets import decode
from relance.mime.fields import Header, read_header
from relance.mime.parameters import parameter
from relance.mime.parse import message_ids
from relance.mime.plain import html_to_text
from relance.mime.statuses import Cause, Kind, Verdict, find_status, verdict
from relance.mime.tree import Node, Tree, read_tree
from relance.mime.words import decode_words, header_text, one_line

MOST_REPORTS = 200
MOST_TEXT = 100_000
_MOST_STATUS = 300_000
_MOST_FIELDS = 2_000
_DIAGNOSTIC = 500
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = (
    *("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"),
    "message/global-headers",
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,128}@[^\s<>()\[\],;:\"@]{1,255}")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one mail for one recipient.

    `recipient` is the address the mail was sent to, as far as the report says (`also`: other
    addresses it gives for it, after forwarding). `action` is "failed", "delayed", "delivered"
    (also relayed or expanded) or "complaint"; `status` an enhanced status code or "";
    `diagnostic` what the server said, one line, at most 500 characters.
    `original_message_id` is the undelivered mail's, without brackets, "" when it is not told.
    """

    recipient: str
    action: str
    status: str
    diagnostic: str
    original_message_id: str
    kind: Kind
    cause: Cause
    also: tuple[str, ...] = ()


def reports(raw: bytes) -> tuple[Report, ...]:
    """What a mail reports; () when it reports nothing. At most `MOST_REPORTS`."""
    source = raw.replace(b"\r", b"\n") if b"\n" not in raw else raw
    tree = read_tree(source)
    found = _Reading(source, tree).reports()
    if not found and tree.leaves and tree.leaves[0].content_type == "message/rfc822":
        inner = part_bytes(source, tree.leaves[0])  # a report that was itself passed on
        found = _Reading(inner, read_tree(inner)).reports()
    return found


class _Reading:
    """One report being read."""

    def __init__(self, raw: bytes, tree: Tree) -> None:
        self._raw = raw
        self._root = tree.root.header
        self._leaves = tree.leaves
        self._whole = tree.root

    def reports(self) -> tuple[Report, ...]:
        complaint = self._first("message/feedback-report")
        if complaint is not None:
            found = self._complaint(complaint)
        else:
            found = self._by_status() or self._by_header() or self._by_words()
        return tuple({r.recipient.lower(): r for r in reversed(found[:MOST_REPORTS])}.values())[
            ::-1
        ]

    def _first(self, *types: str) -> Node | None:
        return next((leaf for leaf in self._leaves if leaf.content_type in types), None)

    # RFC 3464

    def _by_status(self) -> list[Report]:
        found: list[Report] = []
        for leaf in self._leaves:
            if leaf.content_type in _STATUS_TYPES and len(found) < MOST_REPORTS:
                data = part_bytes(self._raw, leaf)[:_MOST_STATUS]
                found += [r for g in _groups(data) if (r := self._recipient(g)) is not None]
        return found

    def _recipient(self, group: Header) -> Report | None:
        """One group of per-recipient fields (RFC 3464, 2.3)."""
        named = [_typed_address(_value(group, name)) for name in _WHO]
        named = [a for a in dict.fromkeys(named) if a]
        action = _value(group, b"action").split(" ")[0].lower().strip("().,;")
        if not named or not (action or group.first(b"status")):
            return None
        diagnostic = _value(group, b"diagnostic-code")
        diagnostic = diagnostic.partition(";")[2].strip() or diagnostic
        words = self._words().reason(named)
        status = find_status(_value(group, b"status")) or find_status(diagnostic)
        found = _judge(action, status, diagnostic, words)
        return Report(
            recipient=named[0],
            action=_ACTIONS.get(action, "failed"),
            status=status,
            diagnostic=one_line(diagnostic or words)[:_DIAGNOSTIC],
            original_message_id=self._original_id(),
            kind=found.kind,
            cause=found.cause,
            also=tuple(named[1:]),
        )

    # RFC 5965

    def _complaint(self, leaf: Node) -> list[Report]:
        data = part_bytes(self._raw, leaf)[:_MOST_STATUS]
        fields = read_header(data, 0, len(data))
        if _value(fields, b"feedback-type").lower() == "not-spam":
            return []
        who = [
            _typed_address(header_text(v)) for n in _COMPLAINED for v in fields.fields.get(n, ())
        ]
        returned = self._returned()
        if not any(who) and returned is not None:
            who = [a.address for a in addresses(_value(returned, b"to", 20_000))]
        kind = _value(fields, b"feedback-type")[:60]
        found = Verdict(Kind.COMPLAINT, Cause.OPTED_OUT)
        return [
            Report(a, "complaint", "", kind, self._original_id(), *found)
            for a in dict.fromkeys(who)
            if a
        ]

    # X-Failed-Recipients, and plain words

    def _by_header(self) -> list[Report]:
        listed = [
            header_text(v[:20_000]) for v in self._root.fields.get(b"x-failed-recipients", ())
        ]
        people = [a.address for text in listed for a in addresses(text) if "@" in a.address]
        words = self._words()
        return [self._told(a, words.reason([a]) or words.everything, words) for a in people]

    def _by_words(self) -> list[Report]:
        words = self._words()
        own = {a.address.lower() for a in addresses(_value(self._root, b"to", 20_000))}
        sender = {a.address.lower() for a in addresses(_value(self._root, b"from", 20_000))}
        domain = next((a.rpartition("@")[2] for a in sender if "@" in a), "")
        return [self._told(a, why, words) for a, why in words.failed(own | sender, domain)]

    def _told(self, address: str, why: str, words: bounce_texts.Words) -> Report:
        status = find_status(why)
        found = verdict(status, why)
        is_delay = words.is_delay
        return Report(
            recipient=address,
            action="delayed" if is_delay else "failed",
            status=status,
            diagnostic=one_line(why)[:_DIAGNOSTIC],
            original_message_id=self._original_id(),
            kind=Kind.DELAYED if is_delay else found.kind,
            cause=found.cause,
            also=bounce_texts.aliases(why),
        )

    def _words(self) -> bounce_texts.Words:
        """What the mail system wrote for people to read."""
        if not hasattr(self, "_read_words"):
            subject = one_line(decode_words(_value(self._root, b"subject")))
            self._read_words = bounce_texts.Words(self._text(), subject)
        return self._read_words

    def _text(self) -> str:
        plain = self._first("text/plain")
        page = self._first("text/html")
        leaf = plain or page or (self._whole if not self._leaves else None)
        if leaf is None:
            return ""
        data = part_bytes(self._raw, leaf)[:MOST_TEXT]
        text = decode(data, parameter(leaf.structured, "charset"))
        return html_to_text(text) if leaf is page else text

    # the mail that came back

    def _returned(self) -> Header | None:
        leaf = self._first(*_RETURNED_TYPES)
        if leaf is None:
            return None
        data = part_bytes(self._raw, leaf)[:MOST_TEXT].lstrip()
        return read_header(data, 0, len(data))

    def _original_id(self) -> str:
        """The Message-ID of the mail reported: of the part returned, of the copy in the text, or
        the one the report answers."""
        if not hasattr(self, "_read_id"):
            returned = self._returned()
            ids = _ids(returned, b"message-id") if returned else ()
            ids = ids or tuple(filter(None, [self._words().message_id]))
            ids = ids or _ids(self._root, b"x-original-message-id", b"original-message-id")
            ids = ids or _ids(self._root, b"in-reply-to") or _ids(self._root, b"references")[-1:]
            self._read_id = ids[0] if ids else ""
        return self._read_id


_WHO = (b"original-recipient", b"final-recipient", b"x-actual-recipient")
_COMPLAINED = (b"original-rcpt-to", b"removal-recipient")
_ACTIONS = {
    "delayed": "delayed",
    **dict.fromkeys(("delivered", "relayed", "expanded"), "delivered"),
}


def _judge(action: str, status: str, diagnostic: str, words: str) -> Verdict:
    if _ACTIONS.get(action) == "delivered":
        return Verdict(Kind.DELIVERED, Cause.OTHER)
    found = verdict(status, diagnostic)
    if found.cause in (Cause.OTHER, Cause.SERVER_DOWN) and words:
        found = verdict(status, f"{diagnostic}\n{words}")
    return Verdict(Kind.DELAYED, found.cause) if action == "delayed" else found


def _groups(data: bytes) -> list[Header]:
    """The groups of fields of a delivery status; the first may be the message's own."""
    blocks = _BLANK.split(data.strip(), MOST_REPORTS)
    return [read_header(b.lstrip(b"\r\n"), 0, len(b)) for b in blocks[: MOST_REPORTS + 1] if b]


def _value(header: Header, name: bytes, most: int = _MOST_FIELDS) -> str:
    return one_line(header_text(header.first(name)[:most]))


def _typed_address(value: str) -> str:
    """The address of "rfc822; jean@client.example", "" when there is none."""
    kind, separator, rest = value.partition(";")
    text = rest if separator and "@" not in kind else value
    found = _ADDRESS.search(text)
    return found[0].strip("'.") if found else ""


def _ids(header: Header, *names: bytes) -> tuple[str, ...]:
    texts = [header_text(v[:_MOST_FIELDS]) for n in names for v in header.fields.get(n, ())]
    return tuple(i for t in texts for i in message_ids(t) if "@" in i)
