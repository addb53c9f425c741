"""Why a conversation stands in its column: the rule, what it rests on, and what it saw."""

from __future__ import annotations

from collections.abc import Iterator

from relance.crm.models import Deal, DealContact, Person, PersonAddress, Stage
from relance.inbox.models import Placement
from relance.inbox.verdicts import NO_SENDER, UNKNOWN, trusted, verdicts
from relance.inbox.visibility import thread_for
from relance.lib.reason import Reason
from relance.mail.models import Folder, MessageCopy
from relance.users.models import User


def why(viewer: User, thread_id: int) -> list[Reason]:
    """The reasons of that thread's place, the deciding one first.

    Codes: open_deal, no_open_deal, contact, lead, override_colleague, user_colleague,
    same_domain, company_domain, unknown_sender, no_sender, authentication_failed,
    decided_by_other, not_in_inbox. Raises `Thread.DoesNotExist` when the thread is not hers.
    """
    thread = thread_for(viewer, thread_id)
    placement = (
        Placement.objects.filter(thread=thread)
        .select_related("decided_by", "message__from_address", "account")
        .first()
    )
    if placement is None:
        return [Reason("not_in_inbox")]
    return list(_reasons(placement))


def _reasons(placement: Placement) -> Iterator[Reason]:
    decider = placement.decided_by
    if decider is None:
        yield Reason(NO_SENDER.code)
        return
    verdict = verdicts(placement.account, [decider.pk]).get(decider.pk, UNKNOWN)
    verdict = trusted(verdict, authentication_failed=_always_failed(placement))
    person = _person(decider.pk)
    params = {"address": decider.address, "domain": decider.domain}
    if person:
        params |= {"name": person.name, "kind": person.kind}
    if verdict.code == "open_deal" and person:
        yield from (
            _deal_reason("open_deal", deal, params) for deal in _deals(person, is_open=True)
        )
    else:
        sources = (("crm.Person", person.pk),) if person else ()
        yield Reason(verdict.code, params, sources)
        if person:
            yield from _closed(person, params)
    if decider.pk != placement.message.from_address_id:
        yield Reason("decided_by_other", params)


def _closed(person: Person, params: dict[str, str]) -> Iterator[Reason]:
    """What became of her deals, or that she has none: why she is not among the potentials."""
    closed = _deals(person, is_open=False)
    if not closed:
        yield Reason("no_open_deal", params)
    for deal in closed[:3]:
        won = deal.stage.kind == Stage.Kind.WON
        yield _deal_reason("deal_won" if won else "deal_lost", deal, params)


def _deal_reason(code: str, deal: Deal, params: dict[str, str]) -> Reason:
    facts = {
        "deal": deal.name,
        "amount": deal.amount,
        "currency": deal.currency,
        "stage": deal.stage,
        "closes_on": deal.closes_on,
        "closed_at": deal.closed_at,
    }
    return Reason(code, {**params, **facts}, (("crm.Deal", deal.pk),))


def _person(address_id: int) -> Person | None:
    link = (
        PersonAddress.objects.filter(address=address_id, person__deleted_at=None)
        .exclude(person__kind=Person.Kind.LEAD, person__status=Person.Status.CONVERTED)
        .select_related("person")
        .order_by("person__kind", "-person__updated_at")
        .first()
    )
    return link.person if link else None


def _deals(person: Person, *, is_open: bool) -> list[Deal]:
    rows = DealContact.objects.filter(person=person, deal__deleted_at=None).select_related(
        "deal__stage"
    )
    deals = [row.deal for row in rows]
    chosen = [d for d in deals if (d.stage.kind == Stage.Kind.OPEN) == is_open]
    return sorted(chosen, key=lambda d: d.closes_on, reverse=not is_open)


def _always_failed(placement: Placement) -> bool:
    answers = MessageCopy.objects.filter(
        thread=placement.thread_id,
        folder__special_use=Folder.Use.INBOX,
        is_outgoing=False,
        message__from_address=placement.decided_by,
    ).values_list("message__authentication", flat=True)
    return bool(answers) and all(a == "fail" for a in answers)
