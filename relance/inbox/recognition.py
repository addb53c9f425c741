"""Which deal or case a mail that has just come is about, where that is certain (D20, REC-17).

In this order: what is linked already, and what was decided by hand, stands; a mail written from a
deal is about it; an answer to a mail of a linked conversation is about the same, in whoever's
mailbox it comes; a correspondent with exactly one open deal means that one. With several, nothing
is linked: they are suggested (`links.of_thread`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q

from relance.crm import cases
from relance.crm.models import Case, Deal, DealContact, PersonAddress, Stage
from relance.inbox.answers import is_by_a_person
from relance.inbox.cards import people_of
from relance.inbox.links import CASE, DEAL
from relance.inbox.models import RecordLink
from relance.lib import keys
from relance.mail.models import Folder, Message, MessageCopy, Outgoing, Participant

_PUT_AWAY = {Folder.Use.SPAM, Folder.Use.TRASH, Folder.Use.DRAFTS}
_NAMES = 10  # of the mails it answers, the nearest ones
_WRITTEN_FROM = "deal:"
_Origin = RecordLink.Origin
Found = dict[int, tuple[int, str]]  # thread: deal, origin


def recognise(copies: Sequence[MessageCopy]) -> None:
    """Link these newly arrived mails, inside the transaction that placed them: to the case their
    subject names, and to the deal they are about."""
    _to_cases(copies)
    _to_deals(copies)


def _to_deals(copies: Iterable[MessageCopy]) -> None:
    """Two queries when there is nothing to recognise."""
    threads = {c.thread_id: c for c in copies if _may_be_about_a_deal(c)}
    if not threads:
        return
    known = RecordLink.objects.filter(thread__in=threads, message=None, entity=DEAL)
    for thread_id in set(known.values_list("thread_id", flat=True)):
        threads.pop(thread_id, None)
    found: Found = {}
    for look in (_composed, _answered, _only_deal):
        left = [copy for thread, copy in threads.items() if thread and thread not in found]
        if left:
            found |= look(left)
    _link(found)


def _to_cases(copies: Iterable[MessageCopy]) -> None:
    """Link mails whose subject names a case, "[#482]" (D34): mails of ours, and those of its
    contact or of people of its account. Nothing is asked when none does."""
    named: dict[int, list[MessageCopy]] = {}
    for copy in copies:
        found = cases.number_in(copy.message.subject) if copy.message else None
        if found is not None and _may_be_about_a_deal(copy):
            named.setdefault(found, []).append(copy)
    if not named:
        return
    for case in Case.objects.filter(number__in=named, deleted_at=None):
        of_case = Q(person=case.person_id) if case.person_id else Q(pk=None)
        if case.company_id:
            of_case |= Q(person__company=case.company_id)
        known = PersonAddress.objects.filter(of_case, person__deleted_at=None)
        addresses = set(known.values_list("address_id", flat=True))
        RecordLink.objects.bulk_create(
            [
                RecordLink(
                    thread_id=copy.thread_id, entity=CASE, record_id=case.pk, origin=_Origin.NUMBER
                )
                for copy in named[case.number]
                if copy.is_outgoing or (copy.message and copy.message.from_address_id in addresses)
            ],
            ignore_conflicts=True,
        )


def _may_be_about_a_deal(copy: MessageCopy) -> bool:
    return (
        copy.thread_id is not None
        and copy.message is not None
        and not copy.is_draft
        and not (copy.message.is_auto or copy.message.is_bulk or copy.message.is_bounce)
        and copy.message.authentication != Message.Authentication.FAIL
        and copy.folder.special_use not in _PUT_AWAY
    )


def _link(found: Found) -> None:
    """Those of the deals that are still there."""
    wanted = {deal for deal, _ in found.values()}
    there = set(
        Deal.objects.filter(pk__in=wanted, deleted_at=None).values_list("pk", flat=True)
        if wanted
        else ()
    )
    RecordLink.objects.bulk_create(
        [
            RecordLink(thread_id=thread, entity=DEAL, record_id=deal, origin=origin)
            for thread, (deal, origin) in found.items()
            if deal in there
        ],
        ignore_conflicts=True,
    )


def _composed(copies: Sequence[MessageCopy]) -> Found:
    """Mails of ours that were written from the page of a deal."""
    sent = {_name(c): c for c in copies if c.is_outgoing and _name(c)}
    if not sent:
        return {}
    rows = Outgoing.objects.filter(
        message_id__in=sent, recipients__record__startswith=_WRITTEN_FROM
    ).values_list("message_id", "recipients__record")
    found: Found = {}
    for name, record in rows:
        number = record.removeprefix(_WRITTEN_FROM)
        thread = sent[name].thread_id
        if number.isascii() and number.isdigit() and len(number) < 19 and thread:
            found[thread] = (int(number), _Origin.COMPOSED)
    return found


def _answered(copies: Sequence[MessageCopy]) -> Found:
    """Mails that answer, or are, one of a conversation linked in another mailbox."""
    named = {c.pk: [_name(c), *_answers(c)] for c in copies}
    deals = _deals_by_name({n for names in named.values() for n in names if n})
    found: Found = {}
    for copy in copies:
        deal = next((deals[n] for n in named[copy.pk] if n in deals), None)
        if copy.thread_id and deal:
            found[copy.thread_id] = (deal, _Origin.THREAD)
    return found


def _deals_by_name(names: Collection[str]) -> dict[str, int]:
    """The deal of the conversation that each of these messages is in, where there is just one."""
    message = "thread__copies__message"
    rows = RecordLink.objects.filter(
        message=None,
        entity=DEAL,
        is_removed=False,
        **{f"{message}__message_id_hash__in": {keys.short_hash(n) for n in names}},
    )
    found: dict[str, set[int]] = {}
    for deal, name in rows.values_list("record_id", f"{message}__message_id").distinct():
        found.setdefault(name, set()).add(deal)
    return {name: some.pop() for name, some in found.items() if len(some) == 1}


def _only_deal(copies: Sequence[MessageCopy]) -> Found:
    """Mails with somebody who has exactly one open deal: From, else Reply-To, else first To."""
    asked = _correspondents([c for c in copies if c.is_outgoing or is_by_a_person(c)])
    people = people_of({a for some in asked.values() for a in some})
    ids = {m.person_id for matches in people.values() for m in matches}
    deals = _open_deals(ids) if ids else {}
    found: Found = {}
    for thread, addresses in asked.items():
        matches = next((people[a] for a in addresses if a in people), [])
        open_ones = {d for m in matches for d in deals.get(m.person_id, ())}
        if len(open_ones) == 1:
            found[thread] = (open_ones.pop(), _Origin.ONLY_DEAL)
    return found


def _correspondents(copies: Sequence[MessageCopy]) -> dict[int, list[int]]:
    """The addresses each mail may be recognised by, the best one first."""
    roles = Participant.Role
    received = [roles.FROM, roles.REPLY_TO]
    rows = Participant.objects.filter(
        message__in=[c.message_id for c in copies], role__in=[*received, roles.TO]
    )
    by_message: dict[int, list[tuple[int, int]]] = {}
    for message, role, address in rows.values_list("message_id", "role", "address_id"):
        by_message.setdefault(message, []).append((role, address))
    found: dict[int, list[int]] = {}
    for copy in copies:
        of_mail = by_message.get(copy.message_id or 0, [])
        first_to = [address for role, address in of_mail if role == roles.TO][:1]
        senders = [address for role, address in of_mail if role in received]
        if copy.thread_id:
            found[copy.thread_id] = first_to if copy.is_outgoing else senders
    return found


def _open_deals(person_ids: Collection[int]) -> Mapping[int, set[int]]:
    rows = DealContact.objects.filter(
        person__in=person_ids, deal__deleted_at=None, deal__stage__kind=Stage.Kind.OPEN
    )
    found: dict[int, set[int]] = {}
    for person, deal in rows.values_list("person_id", "deal_id"):
        found.setdefault(person, set()).add(deal)
    return found


def _name(copy: MessageCopy) -> str:
    return copy.message.message_id if copy.message else ""


def _answers(copy: MessageCopy) -> list[str]:
    """The Message-IDs it names, the nearest first."""
    message = copy.message
    if message is None:
        return []
    return [*message.in_reply_to.split()[:2], *reversed(message.references.split()[-_NAMES:])]
