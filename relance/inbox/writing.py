"""From a draft to what leaves: who may, what is asked first, what placeholders become.

A draft whose placeholders say something of the recipient leaves as one mail for each in To. What
was written is kept with the mail, so that taking it back gives the draft as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F

from relance.inbox import correspondents, guard_facts, guards, references, resolving
from relance.inbox.guards import Warning_
from relance.inbox.resolving import Mail
from relance.mail import attachments, drafts, identities, jobs, outbox
from relance.mail.drafts import Conflict, NotADraft
from relance.mail.models import MessageCopy, Outgoing, OutgoingAttachment
from relance.mail.people import clean
from relance.mime import compose
from relance.users.models import User
from relance.writing import photos, signatures

__all__ = [
    "Conflict",
    "Left",
    "NotADraft",
    "NotAllowed",
    "Refused",
    "Undone",
    "add_photo",
    "begin",
    "check",
    "is_untouched",
    "schedule",
    "send",
    "take_back",
]

Queue = Callable[[Outgoing], Outgoing]


class NotAllowed(PermissionError):
    """This user may not send (CMP-16)."""


class Refused(Exception):
    """Not sent: `warnings` must be changed or confirmed first."""

    def __init__(self, warnings: list[Warning_]) -> None:
        super().__init__(", ".join(w.code for w in warnings))
        self.warnings = warnings


@dataclass(frozen=True, slots=True)
class Left:
    """What was queued: the mails' keys, that of the draft first. `again` says that it had left
    already, by an earlier click."""

    outgoing_id: int
    others: tuple[int, ...] = ()
    again: bool = False

    @property
    def count(self) -> int:
        return 1 + len(self.others)


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the draft to go on with (None when it was too late for it), how many
    mails came back and how many had left."""

    draft: Outgoing | None
    back: int = 0
    gone: int = 0
    drafts: tuple[int, ...] = field(default_factory=tuple)


@transaction.atomic
def begin(  # noqa: PLR0913 (a mail begins with these)
    viewer: User,
    *,
    kind: str = Outgoing.Kind.NEW,
    source: MessageCopy | None = None,
    people: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    subject: str = "",
    html: str = "",
    remote: bool = False,
) -> Outgoing:
    """A draft with its signature: a new mail, or an answer to a copy that `viewer` may see. An
    empty one that was begun before, or an answer not finished, is gone on with.

    Raises what `drafts.start` does.
    """
    found = _begun(viewer, kind, source, is_empty=not (people or subject or html))
    if found is not None:
        return found
    sender = identities.for_reply(viewer, source) if source else identities.default_of(viewer)
    is_reply = kind in (Outgoing.Kind.REPLY, Outgoing.Kind.REPLY_ALL)
    signature = signatures.html_for(viewer, sender.address, is_reply=is_reply)
    draft = drafts.start(
        viewer,
        kind=kind,
        source=source,
        sender=sender,
        to=(people or {}).get("to", ()),
        subject=subject,
        html=signatures.add(html, signature),
        remote=remote,
    )
    more = {role: list((people or {}).get(role, ())) for role in ("cc", "bcc")}
    if any(more.values()):
        draft.people = clean({**draft.people, **more})
        draft.save(update_fields=["people"])
    add_photo(viewer, draft)
    return draft


def _begun(
    viewer: User, kind: str, source: MessageCopy | None, *, is_empty: bool
) -> Outgoing | None:
    """A draft of hers that is what she is about to begin."""
    if not is_empty:
        return None
    rows = drafts.mine(viewer).filter(kind=kind, source=source)
    if source is not None:
        return rows.first()
    return next((draft for draft in rows.filter(version=1)[:5] if is_untouched(draft)), None)


def is_untouched(draft: Outgoing) -> bool:
    """Is it as it was begun: a new mail to nobody, about nothing, with a signature at most?"""
    return (
        draft.kind == Outgoing.Kind.NEW
        and not any(draft.people.values())
        and not draft.subject
        and not guard_facts.own_text(draft.html).strip()
        and not draft.attachments.exclude(origin=OutgoingAttachment.Origin.SIGNATURE).exists()
    )


def check(viewer: User, draft: Outgoing) -> list[Warning_]:
    """Everything worth asking before this draft leaves, what blocks first; what she silenced is
    left out."""
    found = guards.judge(guard_facts.gather(viewer, draft))
    return guards.unanswered(found, confirmed=set(), silenced=set(viewer.silenced_guards))


def send(viewer: User, draft_id: int, *, version: int, confirmed: Collection[str] = ()) -> Left:
    """Queue her draft, to leave when her undo seconds are over.

    Raises `NotAllowed`, `Refused`, `Conflict` when another version of it is kept, `NotADraft`. A
    second click is answered as the first was.
    """

    def queue(draft: Outgoing) -> Outgoing:
        return outbox.send(draft, undo=viewer.undo_seconds)

    return _leave(viewer, draft_id, version, confirmed, queue)


def schedule(  # noqa: PLR0913 (an hour and its zone belong together)
    viewer: User,
    draft_id: int,
    at: datetime,
    zone: str,
    *,
    version: int,
    confirmed: Collection[str] = (),
) -> Left:
    """Have her draft leave at `at`, chosen in `zone`; raises what `send` does, and
    `outbox.TooSoon`."""

    def queue(draft: Outgoing) -> Outgoing:
        return outbox.schedule(draft, at, zone)

    return _leave(viewer, draft_id, version, confirmed, queue)


def _leave(
    viewer: User, draft_id: int, version: int, confirmed: Collection[str], queue: Queue
) -> Left:
    if not (viewer.is_active and viewer.may_send):
        raise NotAllowed
    draft = drafts.mine(viewer).filter(pk=draft_id).first()
    if draft is None:
        return _left_before(viewer, draft_id)
    if draft.version != version:
        raise Conflict(draft)
    found = check(viewer, draft)
    warnings = guards.unanswered(found, confirmed=set(confirmed), silenced=set())
    if warnings:
        raise Refused(warnings)
    try:
        left = _queue_all(viewer, draft, queue, confirmed=confirmed)
    except NotADraft:
        return _left_before(viewer, draft_id)  # another click was quicker
    correspondents.forget(viewer)
    return left


def _left_before(viewer: User, outgoing_id: int) -> Left:
    """The mail that an earlier click queued. Raises `NotADraft` when there was none."""
    found = Outgoing.objects.filter(pk=outgoing_id, author=viewer).exclude(
        state=Outgoing.State.DRAFT
    )
    outgoing = found.first()
    if outgoing is None:
        raise NotADraft(outgoing_id)
    return Left(outgoing.pk, tuple(_others(outgoing)), again=True)


@transaction.atomic
def _queue_all(viewer: User, draft: Outgoing, queue: Queue, *, confirmed: Collection[str]) -> Left:
    """Write the resolved mails and queue them, all or none. Raises `NotADraft` to whoever comes
    second."""
    agreed: dict[str, object] = {"confirmed": sorted(confirmed)} if confirmed else {}
    first, *rest = resolving.mails(viewer, draft)
    copies = [_copy(draft, mail, agreed) for mail in rest]
    is_merged = bool(rest) or (first.subject, first.html) != (draft.subject, draft.html)
    if is_merged or agreed or draft.written:
        kept = _as_written(draft, copies) if is_merged else {}
        _resolve(draft, first, kept | agreed or None)
    for outgoing in (draft, *copies):
        add_photo(viewer, outgoing)
        references.add(outgoing)
        jobs.deliver_later(queue(outgoing).pk)
    return Left(draft.pk, tuple(copy.pk for copy in copies))


def _as_written(draft: Outgoing, copies: list[Outgoing]) -> dict[str, object]:
    others = [copy.pk for copy in copies]
    kept = {name: getattr(draft, name) for name in ("people", "subject", "html")}
    return {**kept, "others": others}


def _resolve(draft: Outgoing, mail: Mail, written: dict[str, object] | None) -> None:
    """Put the resolved mail in the draft's place, if it is still the draft that was read."""
    rows = Outgoing.objects.filter(pk=draft.pk, state=Outgoing.State.DRAFT, version=draft.version)
    if not rows.update(**_content(mail), written=written, version=F("version") + 1):
        raise NotADraft(draft.pk)
    draft.refresh_from_db()


def _content(mail: Mail) -> dict[str, object]:
    return {
        "people": mail.people,
        "subject": mail.subject[:998],
        "html": mail.html,
        "text": compose.text_of(mail.html),
    }


_COPIED = (
    *("account", "author", "thread", "kind", "identity", "organisation_address", "source"),
    *("in_reply_to", "references", "headers", "quote_html", "quote_text", "has_quote"),
)


def _copy(draft: Outgoing, mail: Mail, written: dict[str, object]) -> Outgoing:
    """Another mail of the same draft, for another recipient, with the same files."""
    made = Outgoing.objects.create(
        **{name: getattr(draft, name) for name in _COPIED},
        **_content(mail),
        written=written or None,
        message_id=compose.new_message_id(draft.account.domain),
        state=Outgoing.State.DRAFT,
    )
    files = list(draft.attachments.all())
    for file in files:
        file.pk, file.outgoing, file._state.adding = None, made, True
    OutgoingAttachment.objects.bulk_create(files)
    return made


def add_photo(viewer: User, draft: Outgoing) -> None:
    """The photo that a signature or `{User.photo}` shows goes along, once."""
    if "cid:photo-" not in draft.html:
        return
    photo = photos.inline(viewer)
    if photo is None or f"cid:{photo.content_id}" not in draft.html:
        return
    if not draft.attachments.filter(content_id=photo.content_id).exists():
        OutgoingAttachment.objects.create(
            outgoing=draft,
            blob=attachments.keep(photo.data),
            filename=photo.filename,
            content_type=photo.content_type,
            content_id=photo.content_id,
            is_inline=True,
            origin=OutgoingAttachment.Origin.SIGNATURE,
        )


def take_back(viewer: User, outgoing_id: int) -> Undone:
    """Make a draft again of what was sent or scheduled, as it was written; the mails that were
    made of the same draft come back with it.

    When some of them have left, the others become drafts of their own.
    """
    outgoing = Outgoing.objects.filter(pk=outgoing_id, author=viewer).first()
    if outgoing is None:
        return Undone(None)
    ids = [outgoing_id, *_others(outgoing)]
    back = [pk for pk in ids if outbox.take_back(pk, viewer)]
    gone = len(ids) - len(back)
    draft: Outgoing | None = None
    if not gone:
        draft = _restored(viewer, outgoing_id, back[1:])
    elif back:
        draft = drafts.mine(viewer).filter(pk=back[0]).first()
    return Undone(draft, len(back), gone, tuple(back))


def _others(outgoing: Outgoing) -> list[int]:
    return list((outgoing.written or {}).get("others", ()))


@transaction.atomic
def _restored(viewer: User, draft_id: int, copies: Iterable[int]) -> Outgoing | None:
    """The one draft there was, with its placeholders, and no copies beside it."""
    draft = drafts.mine(viewer).filter(pk=draft_id).first()
    before = (draft.written if draft else None) or {}
    if draft is None or "html" not in before:
        return draft
    for copy in drafts.mine(viewer).filter(pk__in=list(copies)):
        drafts.discard(copy)
    for name in ("people", "subject", "html"):
        setattr(draft, name, before[name])
    draft.text, draft.written = compose.text_of(draft.html), None
    draft.version += 1
    draft.save(update_fields=["people", "subject", "html", "text", "written", "version"])
    return draft
