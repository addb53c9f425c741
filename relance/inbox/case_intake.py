"""Cases opened by themselves for the new mail of chosen mailboxes (D34).

Only the first mail of a conversation opens one: not an answer, not what names a case, and never
what a machine, oneself or a colleague wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from relance import notices
from relance.crm import cases
from relance.crm.models import Case, Person
from relance.inbox import jobs
from relance.inbox.answers import is_by_a_person
from relance.inbox.cards import people_of
from relance.inbox.links import CASE
from relance.inbox.models import CaseSource, RecordLink, Stream
from relance.inbox.verdicts import verdicts
from relance.mail.models import Folder, MessageCopy, Participant

OPENED = "case_opened"
_LONGEST_NAME = 255


def open_cases(copies: Iterable[MessageCopy]) -> None:
    """Open those that these newly arrived mails ask for, inside the transaction that placed them.
    One query where no mailbox is chosen."""
    new = [c for c in copies if _may_open(c)]
    if not new:
        return
    sources = _sources({c.account_id for c in new})
    for copy in new:
        source = sources.get(copy.account_id)
        if source is not None and _is_asked(source, copy):
            _open(source, copy)


def _may_open(copy: MessageCopy) -> bool:
    message = copy.message
    return (
        is_by_a_person(copy)
        and copy.thread_id is not None
        and copy.folder.special_use == Folder.Use.INBOX
        and message is not None
        and not (message.in_reply_to or message.references)
    )


def _sources(accounts: Iterable[int]) -> Mapping[int, CaseSource]:
    rows = CaseSource.objects.filter(
        account__in=accounts, is_on=True, account__owner__is_active=True
    )
    return {row.account_id: row for row in rows.select_related("account__owner", "assignee")}


def _is_asked(source: CaseSource, copy: MessageCopy) -> bool:
    """Is it the first of its conversation, written from outside, to an address that was chosen?"""
    others = MessageCopy.objects.filter(thread=copy.thread_id).exclude(message=copy.message_id)
    linked = RecordLink.objects.filter(thread=copy.thread_id, message=None, entity=CASE)
    if others.exists() or linked.exists() or _is_colleague(copy):
        return False
    if not source.addresses:
        return True
    to = Participant.objects.filter(
        message=copy.message_id,
        role__in=[Participant.Role.TO, Participant.Role.CC],
        address__address__in=source.addresses,
    )
    return to.exists()


def _is_colleague(copy: MessageCopy) -> bool:
    sender = copy.message.from_address_id if copy.message else None
    found = verdicts(copy.account, [sender]).get(sender) if sender else None
    return found is not None and found.stream == Stream.COLLEAGUES


@transaction.atomic
def _open(source: CaseSource, copy: MessageCopy) -> None:
    """Or join the case that the same mail, in another mailbox, has opened already."""
    message = copy.message
    assert message is not None  # `_may_open`
    case = Case.objects.filter(mail_key=message.pk, deleted_at=None).first()
    if case is None:
        owner = source.account.owner
        assignee = source.assignee if source.assignee and source.assignee.is_active else owner
        name = message.subject.strip()[:_LONGEST_NAME] or message.snippet[:80] or "…"
        made = Case(name=name, owner=assignee, person=_sender(message.from_address_id))
        made.mail_key = message.pk
        case = cases.create(owner, made)
        if message.attachment_count:
            jobs.take_files_later(case.pk, owner.pk)
        if assignee != owner:
            notices.tell(assignee.pk, OPENED, {"name": str(case)}, url=case.get_absolute_url())
    RecordLink.objects.get_or_create(
        thread=copy.thread,
        message=None,
        entity=CASE,
        record_id=case.pk,
        defaults={"origin": RecordLink.Origin.ADDRESS},
    )


def _sender(address_id: int | None) -> Person | None:
    """Who has that address: a contact before a lead."""
    if address_id is None:
        return None
    matches = people_of([address_id]).get(address_id)
    found = Person.objects.filter(pk=matches[0].person_id) if matches else Person.objects.none()
    return found.select_related("company").first()
