"""Answering while somebody is away (RFC 3834; promise X9).

An answer goes to a person who wrote to one of the owner's addresses by name (To or Cc), into her
inbox, during her absence: once a week at most, and once an absence. Never to a machine, a list, a
report, spam, another automatic answer, or an address that wants or takes no mail. It says itself
that it is automatic, so that two absent people do not answer each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import access
from relance.inbox import merging, resolving
from relance.inbox.answers import is_by_a_person
from relance.inbox.models import Stream, VacationResponse, VacationSent
from relance.inbox.verdicts import verdicts
from relance.inbox.visibility import visible_accounts
from relance.lib import clock
from relance.mail import accounts, jobs, outbox, sources
from relance.mail.models import Folder, MailAccount, MessageCopy, Outgoing, Participant
from relance.mime import absence
from relance.mime.message import Address
from relance.users.models import User
from relance.writing import merge

AT_MOST_EVERY = timedelta(days=7)
PEOPLE, OTHERS = "people", "others"
#: In the correspondent's language, not the reader's: hence not in the catalogue.
SUBJECTS = {"fr": "Absence\u00a0: {Subject}", "en": "Out of office: {Subject}"}
_HEADERS = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"))
_ADDRESSED = [Participant.Role.TO, Participant.Role.CC]
_CANNOT_SEND = (MailAccount.State.DISCONNECTED, MailAccount.State.AUTH_ERROR)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one correspondent is written."""

    subject: str
    text: str


def answer(copies: Iterable[MessageCopy]) -> None:
    """Answer these newly arrived mails where their mailbox's absence says so. Inside the
    transaction that placed them: whoever is answered is noted with it."""
    responses: dict[int, VacationResponse | None] = {}
    for copy in copies:
        if copy.account_id not in responses:
            responses[copy.account_id] = _active(copy.account)
        response = responses[copy.account_id]
        if response is not None and _wants_answer(copy, response):
            _answer(copy, response)


def active_for(user: User) -> VacationResponse | None:
    """The user's absence now, of whichever mailbox lasts longest; None when she is there."""
    rows = VacationResponse.objects.filter(account__in=visible_accounts(user), is_on=True)
    now = clock.now()
    return next((r for r in rows.order_by("-ends_on") if r.is_active_at(now)), None)


def response_of(account: MailAccount) -> VacationResponse | None:
    """The mailbox's absence, past, present or future; None when none was ever written."""
    return VacationResponse.objects.filter(account=account).first()


def answered_count(response: VacationResponse) -> int:
    """How many people were answered in this absence."""
    rows = VacationSent.objects.filter(account=response.account_id, at__gte=response.starts_at)
    return rows.filter(at__lt=response.ends_at).count()


def written(
    response: VacationResponse,
    *,
    audience: str,
    language: str,
    subject: str,
    address: str = "",
) -> Answer:
    """The answer to a mail of that subject from `address` (a preview: whoever that is)."""
    owner = response.account.owner
    person = resolving.person_of(owner, address) if audience == PEOPLE else None
    values = merging.values(owner, person=person, language=language)
    merged = SUBJECTS[language]
    if response.subject:
        merged = merge.render_text(response.subject, values, one_line=True).text
    # the stranger's words go in last: they are never read for placeholders
    return Answer(
        subject=merged.replace("{Subject}", " ".join(subject.split()))[:998],
        text=merge.render_text(response.text(audience, language), values).text,
    )


def scheduled_within(user: User, response: VacationResponse) -> int:
    """How many mails of the user's leave by themselves during the absence."""
    rows = Outgoing.objects.filter(author=user, state=Outgoing.State.SCHEDULED)
    within = rows.filter(scheduled_at__gte=response.starts_at, scheduled_at__lt=response.ends_at)
    return within.count()


def example_of(user: User) -> str:
    """The address of a contact the user may read, for a preview; "" when there is none."""
    people = access.people_for(user).filter(addresses__isnull=False)
    first = people.order_by("-updated_at", "pk").values_list("addresses__address", flat=True)
    return first.first() or ""


def _active(account: MailAccount) -> VacationResponse | None:
    owner = account.owner
    if not (owner.is_active and owner.may_send) or account.state in _CANNOT_SEND:
        return None
    response = response_of(account)
    return response if response and response.is_active_at(clock.now()) else None


def _wants_answer(copy: MessageCopy, response: VacationResponse) -> bool:
    message = copy.message
    if message is None or message.from_address is None or not is_by_a_person(copy):
        return False
    if copy.folder.special_use != Folder.Use.INBOX or not response.is_active_at(copy.received_at):
        return False
    own = accounts.own_addresses(copy.account.owner_id)
    named = Participant.objects.filter(
        message=message, role__in=_ADDRESSED, address__address__in=own
    )
    if message.from_address.address in own or not named.exists():
        return False
    if suppression.verdict_of(message.from_address):
        return False
    try:
        return absence.may_answer(sources.source_of(copy))
    except LookupError:
        return False


def _answer(copy: MessageCopy, response: VacationResponse) -> None:
    message = copy.message
    assert message is not None and message.from_address is not None  # `_wants_answer`
    sender = message.from_address
    audience = _audience(copy, response, sender)
    if not audience:
        return
    language = absence.language_of(message.snippet) or copy.account.owner.language
    language = language if language in SUBJECTS else "en"
    found = written(
        response,
        audience=audience,
        language=language,
        subject=message.subject,
        address=sender.address,
    )
    if not found.text.strip() or not _claim(response, sender):
        return
    letter = outbox.Letter(
        subject=found.subject,
        text=found.text,
        to=(Address(message.from_name, sender.address),),
        in_reply_to=message.message_id,
        references=tuple(filter(None, [*message.references.split(), message.message_id])),
        headers=_HEADERS,
    )
    queued = outbox.queue(copy.account, copy.account.owner, letter, thread=copy.thread)
    jobs.deliver_later(queued.pk)


def _audience(copy: MessageCopy, response: VacationResponse, sender: EmailAddress) -> str:
    """Which text the sender gets, "" for none."""
    found = verdicts(copy.account, [sender.pk]).get(sender.pk)
    stream = found.stream if found else Stream.NOT_IN_CRM
    everyone = response.audience == VacationResponse.Audience.EVERYONE
    if stream == Stream.COLLEAGUES:
        return PEOPLE if everyone else ""
    if stream in (Stream.POTENTIALS, Stream.PEOPLE):
        return PEOPLE
    return OTHERS if everyone or response.audience == VacationResponse.Audience.OUTSIDE else ""


def _claim(response: VacationResponse, sender: EmailAddress) -> bool:
    """Note that the sender is answered. False when she was this week, or in this absence."""
    now = clock.now()
    before = min(now - AT_MOST_EVERY, response.starts_at)
    row, is_new = VacationSent.objects.get_or_create(
        account=response.account, address=sender, defaults={"at": now}
    )
    return is_new or bool(VacationSent.objects.filter(pk=row.pk, at__lt=before).update(at=now))
