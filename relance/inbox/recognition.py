"""Which records a mail that has just come is about, where that is certain (D20, D21, REC-17).

In this order: what is linked already, and what was decided by hand, stands; a mail written from a
record is about it; an answer to a mail of a linked conversation is about the same, in whoever's
mailbox it comes; one that names a reference we signed is about its record; a correspondent with
exactly one open deal means that one. With several, nothing is linked: they are suggested
(`links.of_thread`). Whose it is by its addresses alone is not written down: `parents`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q

from relance.crm import cases
from relance.crm.models import Case, DealContact, PersonAddress, Stage
from relance.inbox import references
from relance.inbox.answers import is_by_a_person
from relance.inbox.cards import people_of
from relance.inbox.links import CASE, DEAL, MODELS, PARENTS, PERSON
from relance.inbox.models import RecordLink
from relance.lib import keys
from relance.mail.models import Folder, Message, MessageCopy, Outgoing, Participant

_PUT_AWAY = {Folder.Use.SPAM, Folder.Use.TRASH, Folder.Use.DRAFTS}
_NAMES = 10  # of the mails it answers, the nearest ones
_KINDS = ((DEAL,), (CASE,), PARENTS)  # each is decided apart
_Origin = RecordLink.Origin
Record = tuple[str, int]  # entity, key
Found = dict[int, list[tuple[Record, str]]]  # thread: records, each with its origin
Wanted = list[tuple[int, Record, str]]  # thread, record, origin


def recognise(copies: Sequence[MessageCopy]) -> None:
    """Link these newly arrived mails, inside the transaction that placed them: to the case their
    subject names, and to the records they are about."""
    _to_cases(copies)
    _to_records(copies)


def _to_records(copies: Iterable[MessageCopy]) -> None:
    """Two queries when there is nothing to recognise."""
    threads = {c.thread_id: c for c in copies if _may_be_about_a_record(c)}
    if not threads:
        return
    rows = RecordLink.objects.filter(thread__in=threads, message=None)
    known = set(rows.values_list("thread_id", "entity"))
    every = list(threads.values())
    composed, answered, referenced = _composed(every), _answered(every), _referenced(every)
    wanted: Wanted = []
    for kinds in _KINDS:
        left = {t for t in threads if t and not any((t, kind) in known for kind in kinds)}
        # Whose it is, a reference says better than the mail it answers (D21).
        order = (referenced, answered) if kinds == PARENTS else (answered, referenced)
        for found in (composed, *order):
            wanted += _of_kind(found, kinds, left)
        if kinds == (DEAL,) and left:
            found = _only_deal([copy for t, copy in threads.items() if t in left])
            wanted += _of_kind(found, kinds, left)
    _link(_not_by_address(wanted, threads))


def _of_kind(found: Found, kinds: Collection[str], left: set[int]) -> Wanted:
    """Of what was found, that of the threads in `left`, which are taken out of it."""
    wanted: Wanted = []
    for thread in [t for t in found if t in left]:
        record = next((one for one in found[thread] if one[0][0] in kinds), None)
        if record is not None:
            wanted.append((thread, *record))
            left.discard(thread)
    return wanted


def _not_by_address(wanted: Wanted, threads: Mapping[int | None, MessageCopy]) -> Wanted:
    """Without persons who wrote with an address of theirs: it says whose the mail is as long as it
    is theirs (D8)."""
    people = {record[1] for _, record, _ in wanted if record[0] == PERSON}
    if not people:
        return wanted
    rows = PersonAddress.objects.filter(person__in=people)
    theirs = set(rows.values_list("person_id", "address_id"))

    def is_by_address(thread: int, record: Record) -> bool:
        message = threads[thread].message
        sender = message.from_address_id if message else None
        return record[0] == PERSON and (record[1], sender) in theirs

    return [one for one in wanted if not is_by_address(one[0], one[1])]


def _to_cases(copies: Iterable[MessageCopy]) -> None:
    """Link mails whose subject names a case, "[#482]" (D34): mails of ours, and those of its
    contact or of people of its account. Nothing is asked when none does."""
    named: dict[int, list[MessageCopy]] = {}
    for copy in copies:
        found = cases.number_in(copy.message.subject) if copy.message else None
        if found is not None and _may_be_about_a_record(copy):
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


def _may_be_about_a_record(copy: MessageCopy) -> bool:
    return (
        copy.thread_id is not None
        and copy.message is not None
        and not copy.is_draft
        and not (copy.message.is_auto or copy.message.is_bulk or copy.message.is_bounce)
        and copy.message.authentication != Message.Authentication.FAIL
        and copy.folder.special_use not in _PUT_AWAY
    )


def _link(wanted: Wanted) -> None:
    """To those of the records that are still there."""
    there: set[Record] = set()
    for entity in {record[0] for _, record, _ in wanted}:
        ids = [record[1] for _, record, _ in wanted if record[0] == entity]
        rows = MODELS[entity]._default_manager.filter(pk__in=ids, deleted_at=None)
        there |= {(entity, key) for key in rows.values_list("pk", flat=True)}
    RecordLink.objects.bulk_create(
        [
            RecordLink(thread_id=thread, entity=record[0], record_id=record[1], origin=origin)
            for thread, record, origin in wanted
            if record in there
        ],
        ignore_conflicts=True,
    )


def _composed(copies: Sequence[MessageCopy]) -> Found:
    """Mails of ours that were written from the page of a record. Persons are known by their
    addresses."""
    sent = {_name(c): c for c in copies if c.is_outgoing and _name(c)}
    if not sent:
        return {}
    rows = Outgoing.objects.filter(message_id__in=sent, recipients__record__gt="")
    found: Found = {}
    for name, text in rows.order_by("recipients__pk").values_list(
        "message_id", "recipients__record"
    ):
        record, thread = references.written_from([text]), sent[name].thread_id
        if record and thread and record[0] != PERSON:
            found.setdefault(thread, []).append((record, _Origin.COMPOSED))
    return found


def _referenced(copies: Sequence[MessageCopy]) -> Found:
    """Mails that name a reference of ours."""
    found: Found = {}
    for copy in copies:
        names = copy.message.references.split() if copy.message else ()
        record = references.read(names)
        if record and copy.thread_id:
            found[copy.thread_id] = [(record, _Origin.REFERENCE)]
    return found


def _answered(copies: Sequence[MessageCopy]) -> Found:
    """Mails that answer, or are, one of a conversation linked in another mailbox."""
    named = {c.pk: [_name(c), *_answers(c)] for c in copies}
    linked = _linked_by_name({n for names in named.values() for n in names if n})
    found: Found = {}
    for copy in copies:
        for kinds in _KINDS:
            record = next(
                (r for n in named[copy.pk] for r in linked.get(n, ()) if r[0] in kinds), None
            )
            if copy.thread_id and record:
                found.setdefault(copy.thread_id, []).append((record, _Origin.THREAD))
    return found


def _linked_by_name(names: Collection[str]) -> dict[str, list[Record]]:
    """The records of the conversation that each of these messages is in; of a kind of which there
    is just one."""
    message = "thread__copies__message"
    rows = RecordLink.objects.filter(
        message=None,
        entity__in=MODELS,
        is_removed=False,
        **{f"{message}__message_id_hash__in": {keys.short_hash(n) for n in names}},
    )
    found: dict[tuple[str, int], set[Record]] = {}
    for entity, key, name in rows.values_list(
        "entity", "record_id", f"{message}__message_id"
    ).distinct():
        number = next(n for n, kinds in enumerate(_KINDS) if entity in kinds)
        found.setdefault((name, number), set()).add((entity, key))
    linked: dict[str, list[Record]] = {}
    for (name, _), records in found.items():
        if len(records) == 1:
            linked.setdefault(name, []).extend(records)
    return linked


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
            found[thread] = [((DEAL, open_ones.pop()), _Origin.ONLY_DEAL)]
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
