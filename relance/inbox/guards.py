"""What is asked before a mail leaves: pure decisions on facts that `writing` gathered.

Blocking warnings name what must be changed; the others are confirmed once, and most may be turned
off by the user (`User.silenced_guards`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from relance.inbox.announced import announced_attachment, greeted, greets, name_words
from relance.lib.reason import Reason
from relance.lib.text import squeeze

MANY = 10  # recipients of an answer to all that nobody answers by accident
_MOST_GREETED = 5  # among more recipients a greeting names one of them at best

#: What a user may turn off. An address that opted out is asked about every time.
SILENCEABLE = frozenset(
    {
        "attachment_missing",
        "greeting_differs",
        "empty_subject",
        "empty_body",
        "reply_all_many",
        "first_external",
        "other_company",
    }
)


@dataclass(frozen=True, slots=True)
class Warning_:
    """One thing to look at before sending. `code` is stable, `params` holds what its sentence
    names; a blocking one cannot be confirmed."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    blocking: bool = False

    @property
    def is_silenceable(self) -> bool:
        return not self.blocking and self.code in SILENCEABLE


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of the mail. `normalised` is "" for what is no address; `names` are the words
    one may greet her by, folded."""

    role: str
    address: str
    normalised: str
    name: str = ""
    names: frozenset[str] = frozenset()
    is_internal: bool = False
    verdict: Reason | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The fields that have no value for one recipient."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at. `own_text` is without quote and signature; sizes are bytes."""

    kind: str
    subject: str
    own_text: str
    recipients: tuple[Recipient, ...]
    has_sender: bool = True
    attachment_count: int = 0
    has_images: bool = False
    attachments_size: int = 0
    attachments_limit: int = 0
    recipients_max: int = 0
    thread_is_internal: bool = False
    opted_out_blocks: bool = False
    missing: tuple[Missing, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    other_companies: tuple[str, ...] = ()


def judge(facts: Facts) -> list[Warning_]:
    """Everything worth saying, what blocks first."""
    found = [warning for guard in _GUARDS for warning in guard(facts)]
    return sorted(found, key=lambda warning: not warning.blocking)


def unanswered(
    warnings: list[Warning_], *, confirmed: set[str], silenced: set[str]
) -> list[Warning_]:
    """What still stands in the way: what blocks, what was neither confirmed nor silenced."""
    return [
        w
        for w in warnings
        if w.blocking or not (w.code in confirmed or (w.is_silenceable and w.code in silenced))
    ]


def _sender(facts: Facts) -> Iterator[Warning_]:
    if not facts.has_sender:
        yield Warning_("no_sender", blocking=True)


def _recipients(facts: Facts) -> Iterator[Warning_]:
    if not facts.recipients:
        yield Warning_("no_recipient", blocking=True)
    for one in facts.recipients:
        if not one.normalised:
            yield Warning_("bad_address", {"address": one.address}, blocking=True)
    count = len(facts.recipients)
    if facts.recipients_max and count > facts.recipients_max:
        params = {"count": count, "most": facts.recipients_max}
        yield Warning_("too_many_recipients", params, blocking=True)


def _suppressed(facts: Facts) -> Iterator[Warning_]:
    for one in facts.recipients:
        if one.verdict is None:
            continue
        params = {**one.verdict.params, "address": one.address, "name": one.name or one.address}
        blocks = one.verdict.code != "opted_out" or facts.opted_out_blocks
        yield Warning_(one.verdict.code, params, blocking=blocks)


def _placeholders(facts: Facts) -> Iterator[Warning_]:
    if facts.unknown_fields:
        yield Warning_("placeholder_unknown", {"fields": list(facts.unknown_fields)}, blocking=True)
    for missing in facts.missing:
        params = {"name": missing.name, "fields": list(missing.fields)}
        yield Warning_("placeholder_missing", params, blocking=True)


def _attachments(facts: Facts) -> Iterator[Warning_]:
    if facts.attachments_limit and facts.attachments_size > facts.attachments_limit:
        params = {"size": facts.attachments_size, "limit": facts.attachments_limit}
        yield Warning_("attachments_too_large", params, blocking=True)
    if not facts.attachment_count and (words := announced_attachment(facts.own_text)):
        yield Warning_("attachment_missing", {"words": words})


def _content(facts: Facts) -> Iterator[Warning_]:
    if not squeeze(facts.subject):
        yield Warning_("empty_subject")
    is_empty = not squeeze(facts.own_text) and not facts.has_images
    if is_empty and facts.kind != "forward":
        yield Warning_("empty_body")


def _greeting(facts: Facts) -> Iterator[Warning_]:
    to = [one for one in facts.recipients if one.role == "to"]
    if not to or len(to) > _MOST_GREETED or any(not one.names for one in to):
        return
    names = greeted(facts.own_text)
    known = {word for one in to for word in one.names}
    if names and not greets(names, known):
        shown = ", ".join(one.name or one.address for one in to)
        yield Warning_("greeting_differs", {"greeting": " ".join(names), "recipient": shown})


def _many(facts: Facts) -> Iterator[Warning_]:
    if facts.kind == "reply_all" and len(facts.recipients) > MANY:
        yield Warning_("reply_all_many", {"count": len(facts.recipients)})


def _external(facts: Facts) -> Iterator[Warning_]:
    outside = [one for one in facts.recipients if one.normalised and not one.is_internal]
    if facts.thread_is_internal and outside:
        names = [one.name or one.address for one in outside]
        yield Warning_("first_external", {"names": names})


def _companies(facts: Facts) -> Iterator[Warning_]:
    if facts.other_companies:
        yield Warning_("other_company", {"names": list(facts.other_companies)})


_GUARDS: tuple[Callable[[Facts], Iterator[Warning_]], ...] = (
    _sender,
    _recipients,
    _suppressed,
    _placeholders,
    _attachments,
    _content,
    _greeting,
    _many,
    _external,
    _companies,
)

__all__ = ["Facts", "Missing", "Recipient", "Warning_", "judge", "name_words", "unanswered"]
