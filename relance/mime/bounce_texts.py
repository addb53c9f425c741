"""Reports in words alone: what qmail, Exim, Exchange, Gmail, Yahoo and the French providers write.

No grammar is known for them, but all are built alike: an introduction ("could not be delivered
to"), the addresses, each on a line of its own, in brackets or before a colon, with its reason
below; then a copy of the mail. One reading serves all, on a bounded number of bounded lines.
"""

import re
from collections.abc import Collection, Iterator

_MOST_LINES = 600
_LONGEST_LINE = 500
_MOST_ADDRESSES = 100
_REASON_LINES = 12
_REASON = 1_500

_LOCAL = r"[^\s<>()\[\],;:=\"'@](?:[^\s<>()\[\],;:\"@]{0,127})"
_DOMAIN = (
    r"[A-Za-z0-9_\u00a1-\uffff](?:[A-Za-z0-9_.\u00a1-\uffff-]{0,252}[A-Za-z0-9\u00a1-\uffff])?"
)
_ADDRESS = re.compile(
    rf"(?<![^\s<>()\[\],;:\"'=|])(?:smtp=|rfc822;)?({_LOCAL}@{_DOMAIN})", re.IGNORECASE
)
_NAME = re.compile(r"\A(?:\t| {2,16})([A-Za-z0-9][\w.-]{1,63})\s*\Z")
_FROM_ALIAS = re.compile(
    r"(?:expanded from|generated from|forwarded from|originally to|alias)[:\s]{1,5}<?"
    rf"({_LOCAL}@{_DOMAIN})",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\A[\s>*\-|#.\d]{0,12}"
    r"(?:(?:rcpt to|recipient|to|failed recipient|recipient address|address|adresse|destinataire"
    r"|user|e-?mail|intended recipient|undeliverable address|error-for|unknown user|message to"
    r"|failed|smtp|eorg)(?:\s{0,5}[:=]\s{0,5}|\s{1,5}))?[<\[\"'(]{0,3}(?:smtp[:=]\s{0,3})?"
    rf"({_LOCAL}@{_DOMAIN})",
    re.IGNORECASE,
)
_INTRO = re.compile(
    r"(?:could|can|was|were|did|has|have|is|are|do|be)(?: ?not|n['’]t)(?: \w{1,12}){0,3}"
    r" (?:delivered|deliver|reach|reached|received|sent|able|complete)"
    r"|unable to (?:deliver|send|relay)|deliver\w{0,2} (?:to|has|of|fail|status|attempt|problem)"
    r"|undeliver|failed (?:recipient|address|to deliver)|returned (?:mail|message|to sender)"
    r"|(?:following|these|below) (?:\w{1,12} )?(?:address|recipient|user|error|destination)"
    r"|permanent (?:fatal )?error|fatal errors|non (?:remis|distribu|d[eé]livr|achemin)"
    r"|n['’](?:a|ont|est|a pas) (?:pas )?(?:pu|été|pas)|[ée]chec (?:de|d['’]|lors)|impossible de"
    r"|rejected|refused|bounce|delayed|warning|no such user|mailbox is full|not listed"
    r"|unknown user|valid user|invalid (?:final|recipient|address)|delivery problems"
    r"|error description",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"\A[\s>*]{0,8}(?:-{2,60}|_{5,60}|={5,60}|\*{3,60})?\s{0,3}(?:"
    r"(?:this is|here is|below (?:this line|the next line)? ?is|the following is|included is"
    r"|attached is)[^\n]{0,40}(?:copy|returned|original|header)"
    r"|original (?:message|headers|mail)|returned (?:mail|message)|(?:start of )?returned message"
    r"|message (?:header|text|body|d['’]origine|original)s?(?: follows)?|your (?:original )?message"
    r" (?:reads|follows|header)|unsent message|old message|undelivered message|the header"
    r"|a copy of (?:the|your)|copie du message|en-t[eê]tes? (?:du message|d['’]origine)"
    r"|message headers follow|received headers|mail returned"
    r"|begin (?:returned|original|forwarded)|forwarded message)"
    r"|\A(?:return-path|received|x-[\w-]{1,40}|message-id):\s",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:contact|send (?:mail|e-?mail|a message)|write to|assistance|help|report|forward|question"
    r"|abuse|support|e?-?mail (?:us|me)|problem report|visit|on behalf|administrat|envelope-sender)"
    r"|\A\s{0,8}(?:from|sender|de|exp[eé]diteur|reply-to|mail from|cc|subject|date|sent|message-id"
    r"|in-reply-to|references)\b[^\n]{0,10}:|mail from:",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\A(?:postmaster|mailer-daemon|abuse|hostmaster|noc|help(?:desk)?|support|root)@", re.I
)
_MESSAGE_ID = re.compile(r"\A[\s>]{0,8}message-id:\s{0,5}<?([^\s<>]{1,500})", re.IGNORECASE)
_DELAY = re.compile(
    r"(?:you do not|you don['’]t|no) need to (?:resend|re-send|retry|do)|warning message only"
    r"|this is (?:only )?a warning|has(?: not yet| been)? (?:been )?delayed|delivery delay"
    r"|not yet been delivered|still (?:trying|being retried|queued)|will (?:keep|continue)"
    r"(?: to)? (?:try|retry)|retard[eé]|delivery attempts will continue|will be retried"
    r"|be attempted again|tentatives? (?:suivantes|seront)",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(r"given up|giving up|permanent|could not be delivered|will not be", re.I)


class Words:
    """The text of a report, cut where the copy of the mail begins."""

    def __init__(self, text: str, subject: str = "") -> None:
        lines = [line[:_LONGEST_LINE] for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]]
        copy = next((n for n, line in enumerate(lines) if n and _COPY.search(line)), len(lines))
        self._lines = [line.rstrip("\r") for line in lines[:copy]]
        self._copy = lines[copy:]
        self.subject = subject[:_LONGEST_LINE]
        self.everything = "\n".join(self._lines)[:_REASON]

    @property
    def message_id(self) -> str:
        """Of the copy below the text, without brackets, "" when there is none."""
        for line in (*self._copy, *self._lines):
            found = _MESSAGE_ID.match(line)
            if found and "@" in found[1]:
                return found[1]
        return ""

    @property
    def is_delay(self) -> bool:
        """Only a warning that the server still tries."""
        text = f"{self.subject}\n" + "\n".join(self._lines[:60])
        return bool(_DELAY.search(text)) and not _GIVEN_UP.search(text)

    def reason(self, people: Collection[str]) -> str:
        """What is said below the line that names one of these addresses, "" if none does."""
        wanted = [p.lower() for p in people]
        for number, line in enumerate(self._lines):
            if any(p in line.lower() for p in wanted):
                return self._reason_at(number)
        return ""

    def failed(self, besides: Collection[str], domain: str = "") -> list[tuple[str, str]]:
        """(address, reason) of those who did not get the mail; `besides` are never among them.

        `domain` is the reporting system's, for those of its users it names without one.
        """
        start = next((n for n, line in enumerate(self._lines) if _INTRO.search(line)), None)
        found = self._addresses(start or 0, _LISTED) or self._addresses(0, _LISTED)
        if not found and (start is not None or _INTRO.search(self.subject)):
            found = self._names(start or 0, domain) or self._addresses(start or 0, _ADDRESS)
            found = found or [(a, self.everything) for a in _ADDRESS.findall(self.subject)]
        seen: dict[str, tuple[str, str]] = {}
        for address, why in found:
            lower = address.lower()
            if lower not in besides and not _NOBODY.match(lower):
                seen.setdefault(lower, (address, why))
        return list(seen.values())[:_MOST_ADDRESSES]

    def _names(self, start: int, domain: str) -> list[tuple[str, str]]:
        lines = self._lines[start : start + _REASON_LINES] if domain else []
        names = [found[1] for line in lines if (found := _NAME.match(line))]
        return [(f"{name}@{domain}", self.everything) for name in names]

    def _addresses(self, start: int, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
        return [
            (found[1].strip("'."), self._reason_at(number))
            for number, found in self._matches(start, pattern)
        ]

    def _matches(self, start: int, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        for number in range(start, len(self._lines)):
            line = self._lines[number]
            if "@" in line and not _ASIDE.search(line) and (found := pattern.search(line)):
                yield number, found

    def _reason_at(self, number: int) -> str:
        """The line and those below it, up to the next address that is listed."""
        lines = [self._lines[number]]
        for line in self._lines[number + 1 : number + _REASON_LINES]:
            if _LISTED.match(line) and not line.startswith((" ", "\t")):
                break
            lines.append(line)
        return "\n".join(lines)[:_REASON]


def aliases(why: str) -> tuple[str, ...]:
    """The addresses a mail was sent to before it was forwarded, as a reason tells them."""
    return tuple(dict.fromkeys(_FROM_ALIAS.findall(why)))
