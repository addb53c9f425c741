"""What kind of mail it is: automatic, bulk, a bounce; and what its server says of its sender."""

import re
from collections.abc import Callable

from relance.mime.message import Address

First = Callable[[bytes], str]
"""Gives the first value of a header, "" when absent."""

_NO_REPLY = re.compile(
    r"(?:do[-_.]?not|no|ne[-_.]?pas)[-_.]?(?:reply|respond|repondre)|mailer-daemon"
)
_DAEMON = re.compile(r"(?:mailer-daemon|mail-?daemon|mdaemon)(?:@|\Z)", re.IGNORECASE)
_POSTMASTER = re.compile(r"postmaster\b", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|report)|returned mail|failure notice|mail delivery|"
    r"(?:not|could not be|cannot be|not yet been) delivered|failure delivery|non[- ]delivery|"
    r"non remis|non distribu|échec de (?:la )?(?:remise|livraison)|non[- ]?délivr|unzustellbar",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(dmarc|dkim|spf)\s{0,5}=\s{0,5}([a-z]{1,20})([^;]{0,2000}+)", re.IGNORECASE
)
_ALIGNED = {
    "dkim": re.compile(
        r"header\.[di]\s{0,5}=\s{0,5}\"?(?:[^\s;@\"]{0,200}@)?([^\s;\"]{1,255})", re.I
    ),
    "spf": re.compile(
        r"smtp\.mailfrom\s{0,5}=\s{0,5}[\"<]?(?:[^\s;@\"]{0,200}@)?([^\s;\">]{1,255})", re.I
    ),
}
_MAX_RESULTS = 10_000
_REPORTS = {
    "message/delivery-status",
    "message/global-delivery-status",
    "message/feedback-report",
}


def is_automatic(first: First, senders: tuple[Address, ...], is_bounce: bool) -> bool:
    """Written by a program (RFC 3834 and the habits before it)."""
    submitted = first(b"auto-submitted").lower()
    if is_bounce or (submitted and not submitted.startswith("no")):
        return True
    if first(b"precedence").lower() in ("auto_reply", "auto-reply"):
        return True
    if any(
        first(name)
        for name in (b"x-autoreply", b"x-autorespond", b"x-auto-reply", b"x-autoreply-from")
    ):
        return True
    if "all" in first(b"x-auto-response-suppress").lower() or first(b"return-path") == "<>":
        return True
    local = senders[0].address.rpartition("@")[0].lower() if senders else ""
    return bool(_NO_REPLY.search(local))


def is_bulk(first: First) -> bool:
    """Sent to many: a list, a newsletter (RFC 2369, RFC 2919)."""
    if first(b"precedence").lower() in ("bulk", "list", "junk"):
        return True
    names = (
        b"list-id",
        b"list-unsubscribe",
        b"list-post",
        b"feedback-id",
        b"x-campaignid",
        b"x-mailing-list",
    )
    return any(first(name) for name in names)


def is_delivery_report(
    first: First,
    senders: tuple[Address, ...],
    subject: str,
    content_type: str,
    leaf_types: set[str],
) -> bool:
    """A message from a mail system about a mail: not delivered (RFC 3464), or taken for spam by
    its recipient (RFC 5965)."""
    if not leaf_types.isdisjoint(_REPORTS):
        return True
    if content_type == "multipart/report" and "disposition-notification" not in first(
        b"content-type"
    ):
        return True
    if first(b"x-failed-recipients"):
        return True
    sender = senders[0].address if senders else ""
    if _DAEMON.match(sender):  # no person writes from there, whatever the subject
        return True
    from_system = bool(_POSTMASTER.match(sender)) or first(b"return-path") == "<>"
    return from_system and bool(_BOUNCE_SUBJECT.search(subject))


def authentication(results: str, senders: tuple[Address, ...]) -> str:
    """ "pass", "fail" or "none" for the address in From (RFC 8601, RFC 7489).

    DMARC decides; without it, a DKIM or SPF success counts for its own domain only.
    """
    domain = senders[0].address.rpartition("@")[2].lower() if senders else ""
    found = [(m[1].lower(), m[2].lower(), m[3]) for m in _RESULT.finditer(results[:_MAX_RESULTS])]
    for method, verdict, _ in found:
        if method == "dmarc" and verdict in ("pass", "fail"):
            return verdict
    if any(v == "pass" and _same_domain(method, details, domain) for method, v, details in found):
        return "pass"
    return "fail" if any(verdict == "fail" for _, verdict, _ in found) else "none"


def _same_domain(method: str, details: str, domain: str) -> bool:
    found = _ALIGNED[method].search(details) if method in _ALIGNED else None
    signed = found[1].lower().strip(".") if found else ""
    if not signed or not domain or "." not in signed:
        return False
    return domain == signed or domain.endswith("." + signed) or signed.endswith("." + domain)
