"""What a refusal means: enhanced status codes (RFC 3463), reply codes (RFC 5321) and their words.

Servers use codes as they please: "550 5.7.1 No such user", "554 mailbox full", 5.2.2 for what
will pass. So the words decide first, where they are plain; then the enhanced status; then the
reply code. What stays unknown is temporary: an address is never given up for a doubt.
"""

import re
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """How a report is shown; "delivered" and "" (nothing said) are no failures."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    DELIVERED = "delivered"


class Cause(StrEnum):
    """Why a mail did not arrive."""

    NO_SUCH_USER = "no_such_user"
    NO_SUCH_DOMAIN = "no_such_domain"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    SERVER_DOWN = "server_down"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    SPAM = "spam"
    OPTED_OUT = "opted_out"
    OTHER = "other"


class Verdict(NamedTuple):
    """What to show, and why it failed."""

    kind: Kind
    cause: Cause


UNFOUND = (Cause.NO_SUCH_USER, Cause.NO_SUCH_DOMAIN)
_HARD = {*UNFOUND, Cause.BLOCKED, Cause.SPAM, Cause.OPTED_OUT}
_MOST_WORDS = 2_000
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([245]\d\d)(?=[ \-,:;#]|\Z)(?!\.\d)")


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# In this order: what is full or refused as spam often says "user" and "unavailable" too.
_SAYS: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        Cause.MAILBOX_FULL,
        _words(
            r"over ?-?quota", r"quota (?:has been |is |was )?(?:exceed|reach|full|dépass)",
            r"exceed(?:ed|s|ing)?[^.;\n]{0,40}(?:quota|storage|allocat|mail ?box)",
            r"(?:mail ?box|inbox|account|storage)(?:'s)? (?:\S{1,60} )?(?:is |has |was )?"
            r"(?:\w{1,20} ){0,2}(?:full|exceed|over(?: |-)?(?:quota|its|the))",
            r"full (?:mail ?box|inbox)", r"insufficient (?:disk|storage|system storage)",
            r"not enough (?:disk |storage )?space", r"out of (?:storage|disk) space",
            r"bo[iî]te (?:aux lettres |de réception |mail )?(?:\S{1,80} )?(?:est |trop )?pleine",
            r"quota (?:de stockage|de la bo[iî]te|disque)", r"dépass\w{1,6} (?:son|le|du) quota",
            r"espace (?:de stockage |disque )?(?:insuffisant|plein)", r"no space left",
            r"quota violation", r"mailfolder is full", r"recipient storage full", r"disk full",
            r"too (?:many|much) (?:messages|mail data)[^.;\n]{0,40}(?:mail ?box|folder|account)",
            r"mailbox[^.;\n]{0,40}limit", r"user(?:'s)? disk quota", r"maildir over", r"\bquota\b",
        ),
    ),  # fmt: skip
    (
        Cause.TOO_LARGE,
        _words(
            r"(?:message|mail|size|body|content)[^.;\n]{0,60}(?:too (?:large|big|long)|exceed)",
            r"exceed(?:ed|s|ing)?[^.;\n]{0,60}(?:message|mail)?[^.;\n]{0,12}size",
            r"(?:message|maximum|mail) (?:file )?size limit", r"too (?:large|big) (?:for|to)",
            r"message[^.;\n]{0,40}larger than", r"(?:trop (?:gros|volumineux|grand))",
            r"taille (?:maximale|du message|limite)",
        ),
    ),  # fmt: skip
    (
        Cause.SPAM,
        _words(
            r"\bspam(?!assassin\.org)", r"\bjunk ?mail", r"\bunsolicited\b", r"bulk (?:e-?)?mail",
            r"black ?-?list", r"block(?:ed)? ?-?list", r"\b(?:dns|rbl|sbl|xbl|surbl|uribl|cbl)s?\b",
            r"\bdnsbl\b", r"spamhaus", r"spamcop", r"barracuda", r"poor reputation", r"sorbs\b",
            r"(?:sender|ip|domain) reputation", r"virus|malware|phish", r"ind[eé]sirable",
            r"liste noire", r"r[eé]putation", r"content (?:filter|reject|not accept|denied)",
            r"pourriel", r"high probability of", r"banned (?:content|attachment|file)",
        ),
    ),  # fmt: skip
    (
        Cause.BLOCKED,
        _words(
            r"relay(?:ing)? (?:access )?(?:is )?(?:denied|not|prohibited)", r"unable to relay",
            r"not (?:\w{1,12} )?(?:to|a) (?:open )?relay", r"rcpthosts", r"\b(?:dmarc|spf|dkim)\b",
            r"(?:administrative(?:ly)? |security |local |mail )?polic(?:y|ies)", r"\bprohibit",
            r"(?:sender|address|mail|message|you)[^.;\n]{0,40}(?:is |been |are )blocked",
            r"\bpermission denied|not permitted|not authori[sz]ed|unauthori[sz]ed",
            r"restricted[^.;\n]{0,40}(?:recipient|sender|group|address)?", r"banned\b",
            r"(?:authentication|auth) (?:is )?required|unauthenticated", r"sender (?:address )?"
            r"(?:rejected|verify|denied|not allowed|blocked)", r"bloqu[eé]e?\b",
            r"(?:refus[eé]e?|rejet[eé]e?)[^.;\n]{0,30}(?:politique|règle|expéditeur)",
            r"politique (?:de |locale)", r"not accepting (?:mail|messages) (?:with|from)",
            r"(?:helo|reverse dns|ptr)\b", r"rule imposed", r"access denied",
        ),
    ),  # fmt: skip
    (
        Cause.OTHER,  # switched off, perhaps for a time
        _words(
            r"(?:mail ?box|account|user|address|recipient|utilisateur|compte)[^.;\n]{0,40}"
            r"(?:disabled|suspend|inactive|deactivat|d[eé]sactiv|suspendue?|locked|expired)",
            r"(?:disabled|inactive|suspended|deactivated) (?:user|account|mail ?box|recipient)",
            r"not (?:an )?active|account (?:has been )?(?:closed|discontinued)",
            r"temporarily (?:unavailable|disabled|deferred)|grey ?-?list|try (?:again )?later",
            r"mail loop|too many hops|loop(?:s|ing)? (?:back|detected)|rate limit|too many",
        ),
    ),  # fmt: skip
    (
        Cause.NO_SUCH_DOMAIN,
        _words(
            r"(?:host|domain)(?: name)?(?: \S{1,255})? (?:is )?(?:not found|unknown|does(?:n't| not)"
            r" exist|has no mx|not exist)", r"unknown (?:host|domain)|nxdomain|no such (?:domain|host)",
            r"(?:name or service|host name|hostname|domain name) not (?:known|found)",
            r"name service error[^\n]{0,200}(?:host not found|type=)", r"null ?mx",
            r"no (?:valid )?(?:mail )?(?:exchanger|mx)|couldn't find any host|illegal host",
            r"(?:domaine?|serveur|h[oô]te)[^.;\n]{0,60}(?:introuvable|inexistant|inconnu|n['’]existe)",
            r"unrout(?:e)?able(?: mail)? (?:address|domain)|unresolvable|dns (?:lookup|entry)"
            r"[^.;\n]{0,30}fail|non-?existent (?:host|domain)|bad destination (?:host|system)",
        ),
    ),  # fmt: skip
    (
        Cause.NO_SUCH_USER,
        _words(
            r"(?:user|recipient|address|mail ?box|account|username|alias|rcpt|mailbox name|"
            r"destinataire)s?(?: name)?:?"
            r" (?:\(?[<\['\"]?\S{1,320} ){0,2}?(?:is |are |was )?(?:\w{1,8} )?(?:unknown|not found|"
            r"un ?recogni[sz]ed|not (?:a )?(?:known|valid|recogni[sz]ed|exist|listed|local|here)|"
            r"invalid|does(?:n['’]t| not)\s{1,9}exist|do not exist|no(?:t| longer) (?:exist|on|"
            r"available|valid)|nonexist)",
            r"(?:unknown|no such|invalid|bad|non-?existent|unrecogni[sz]ed|incorrect|undeliverable)"
            r" (?:\w{1,10} ){0,2}?(?:user|recipient|address|mail ?box|account|name|person|addressee|"
            r"destination (?:mail ?box|address)|local.?part|rcpt|alias|subscriber)",
            r"(?:no|not a) (?:valid |known )?(?:mail ?box|user|account|recipient|such person)"
            r"(?: \w{1,12}){0,3} ?(?:here|found|by that name|available|exist|is |for|with|on|known)?",
            r"not (?:a )?(?:known|valid|local|listed) (?:user|recipient|mail ?box|address|account|in )",
            r"mail ?box(?: \S{1,320})? (?:unavailable|not available|not found|unknown|is unavailable)",
            r"user (?:doesn['’]t|does not) (?:exist|have)|does not (?:\w{1,12} )?\s{0,9}exist",
            r"not listed in|not our customer|no(?:t)? (?:mail ?box|account) (?:here|by that)",
            r"no (?:\w{1,12} )?mail ?box(?:es)?\b|mail-?box (?:\w{1,9} )?not found|name is not recogni[sz]ed",
            r"(?:adresse|destinataire|utilisateur|compte|bo[iî]te)s?[^.;\n]{0,90}(?:inconnue?s?|"
            r"inexistante?s?|introuvables?|n['’]existe(?:nt)? (?:pas|plus)|invalides?|"
            r"non reconnue?s?|erron[eé]e?s?)", r"(?:n['’]existe pas|inconnue?)[^.;\n]{0,30}"
            r"(?:bo[iî]te|adresse|destinataire)", r"bad-?rcptto|couldn't be found|wasn['’]t found",
            r"address (?:couldn['’]t be found|not found)|recipient ?not ?found|"
            r"address (?:has been )?changed|no longer (?:on server|works|with|valid|employed)",
            r"isn['’]t (?:a )?(?:known|valid)|recipient (?:address )?rejected: user|unknown to us",
            r"nie istnieje|gibt es nicht|existe pas",
        ),
    ),  # fmt: skip
    (
        Cause.EXPIRED,
        _words(
            r"(?:delivery|retry|message|queue)[^.;\n]{0,60}(?:time ?out exceeded|expired|"
            r"time (?:has )?expired)", r"retry timeout|could not (?:be )?deliver(?:ed)? (?:\S{1,12} )?"
            r"(?:for|within|in) (?:the last )?\d", r"d[eé]lai (?:de remise |d['’]attente )?(?:expir|dépass)",
            r"too old|been in (?:the )?queue too long|(?:not|cannot) be delivered (?:for|within|in) \d",
        ),
    ),  # fmt: skip
    (
        Cause.SERVER_DOWN,
        _words(
            r"(?:connection|connexion|operation|network)[^.;\n]{0,30}(?:timed? ?-?out|refus|reset|"
            r"dropped|closed|lost|unreachable)", r"no route to host|host (?:is )?(?:down|unreachable)",
            r"(?:server|service|serveur)[^.;\n]{0,40}(?:unavailable|down|indisponible|not respon|busy)",
            r"unable to (?:connect|contact|reach)|(?:could|can)(?: ?not|n't) (?:connect|contact)",
            r"wasn['’]t able to establish an smtp connection|temporary (?:lookup )?fail|timed out",
        ),
    ),  # fmt: skip
)  # fmt: skip

_PERMANENT: dict[tuple[int, int], Cause] = {
    **{(1, detail): Cause.NO_SUCH_USER for detail in (0, 1, 3, 6)},
    (1, 2): Cause.NO_SUCH_DOMAIN,
    (1, 10): Cause.NO_SUCH_DOMAIN,
    (4, 4): Cause.NO_SUCH_DOMAIN,
    (4, 310): Cause.NO_SUCH_DOMAIN,
}
_TEMPORARY: dict[tuple[int, int], Cause] = {
    (2, 2): Cause.MAILBOX_FULL,
    (2, 3): Cause.TOO_LARGE,
    (3, 4): Cause.TOO_LARGE,
    (4, 1): Cause.SERVER_DOWN,
    (4, 7): Cause.EXPIRED,
    (4, 316): Cause.EXPIRED,
}
_VAGUE = {(0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (3, 0), (4, 4), (7, 1), (7, 0)}


def find_status(text: str) -> str:
    """The first enhanced status in `text`, "" when there is none."""
    found = _STATUS.search(text[:_MOST_WORDS])
    return found[0] if found else ""


def find_reply(text: str) -> int:
    """The first reply code in `text` (RFC 5321, 4.2), 0 when there is none."""
    found = _REPLY.search(text[:_MOST_WORDS])
    return int(found[1]) if found else 0


def said(text: str) -> Cause | None:
    """The cause that plain words give (English and French), None when they give none."""
    words = " ".join(text[:_MOST_WORDS].split())
    return next((cause for cause, pattern in _SAYS if pattern.search(words)), None)


def verdict(status: str, text: str, *, reply: int = 0) -> Verdict:
    """What a refusal means. `status` is enhanced ("5.2.2") or "", `reply` the reply code or 0,
    `text` everything the server said. A status within the words completes a vague one."""
    status = _best_status(status, text)
    reply = reply or find_reply(text)
    cause = said(text)
    found = _STATUS.match(status)
    if found is None:
        return _by_reply(reply, cause)
    temporary = found[1] == "4"
    code = (int(found[2]), int(found[3]))
    if cause is None or (code not in _VAGUE and cause in UNFOUND):
        # plain codes stand against "unavailable" and the like
        cause = _PERMANENT.get(code) or _TEMPORARY.get(code) or _by_class(code[0])
    return Verdict(Kind.HARD if cause in _HARD and not temporary else Kind.SOFT, cause)


def _best_status(status: str, text: str) -> str:
    """The status of the report, or a plainer one quoted from the server's answer."""
    found = _STATUS.search(status)
    if found is None or (found[2], found[3]) == ("0", "0"):
        return find_status(text) or (found[0] if found else "")
    return found[0]


def _by_class(subject: int) -> Cause:
    if subject in (6, 7):
        return Cause.BLOCKED
    return Cause.SERVER_DOWN if subject == 4 else Cause.OTHER


def _by_reply(reply: int, cause: Cause | None) -> Verdict:
    """Without an enhanced status: 552 alone is a full mailbox; nothing else speaks for itself."""
    if cause is None:
        cause = Cause.MAILBOX_FULL if reply in (452, 552) else Cause.OTHER
    temporary = 400 <= reply < 500
    return Verdict(Kind.HARD if cause in _HARD and not temporary else Kind.SOFT, cause)
