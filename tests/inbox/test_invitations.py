"""Our invitations: who is told what, once; and what the guests answer."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from relance.crm import meetings
from relance.crm.models import Attendee, Meeting
from relance.files import blobs
from relance.inbox import invitations
from relance.inbox.invitations import CannotInvite, News
from relance.lib import clock
from relance.mail import sources
from relance.mail.models import Attachment, MailAccount, MessageCopy, Outgoing
from relance.mime import calendar
from relance.mime.message import Address
from relance.users.models import User
from tests.inbox import builders

pytestmark = pytest.mark.django_db
GUEST = "e.garnier@meunier.example"


@pytest.fixture
def camille() -> User:
    return builders.user("camille@clarte.example", first_name="Camille", last_name="Laurent")


@pytest.fixture
def mailbox(camille: User) -> MailAccount:
    return builders.account(camille)


@pytest.fixture
def visit(camille: User) -> Meeting:
    starts = clock.now() + timedelta(days=2)
    meeting = Meeting(name="Visite", starts_at=starts, ends_at=starts + timedelta(hours=1))
    return meetings.create(camille, meeting, guests=[GUEST])


def words(news: News, meeting: Meeting) -> tuple[str, str]:
    return f"{news.kind}: {meeting.name}", "Bonjour"


def sent(outgoing: Outgoing) -> calendar.Invitation:
    part = outgoing.attachments.get(content_type__startswith="text/calendar")
    found = calendar.read(blobs.get(part.blob_id))
    assert found
    return found


def answered(mailbox: MailAccount, visit: Meeting, answer: str, **letter: object) -> MessageCopy:
    """A mail with the guest's answer, as her program sends it."""
    event = invitations.event_of(visit, Address("Camille", mailbox.address))
    text = calendar.reply(event, Address("Éloïse", GUEST), answer, at=clock.now())
    source = (
        b"From: " + GUEST.encode() + b"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nOui\r\n"
        b"--x\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + text + b"\r\n--x--\r\n"
    )
    copy = builders.receive(mailbox, **{"sender": GUEST, **letter})
    digest = hashlib.sha256(source).digest()
    sources.keep([(digest, source, None)])
    MessageCopy.objects.filter(pk=copy.pk).update(raw=digest)
    Attachment.objects.create(
        message=copy.message,
        part="2",
        content_type="text/calendar",
        filename="invite.ics",
        size=len(text),
        sha256="0" * 64,
    )
    copy.refresh_from_db()
    return copy


def test_guests_are_invited_once_and_newcomers_alone(
    camille: User, mailbox: MailAccount, visit: Meeting
) -> None:
    first = invitations.tell(camille, visit, words)
    assert first.subject == "invite: Visite"
    assert [p["address"] for p in first.people["to"]] == [GUEST]
    invitation = sent(first)
    assert invitation.method == "request"
    assert invitation.event.organiser == Address("Camille Laurent", camille.email)
    assert [a.address for a in invitation.event.attendees] == [GUEST]
    with pytest.raises(CannotInvite) as refused:
        invitations.tell(camille, visit, words)
    assert refused.value.code == "nothing"
    meetings.set_guests(visit, [GUEST, "hugo@other.example"])
    second = invitations.tell(camille, visit, words)
    assert [p["address"] for p in second.people["to"]] == ["hugo@other.example"]


def test_a_new_hour_and_a_calling_off_are_told_to_all(
    camille: User, mailbox: MailAccount, visit: Meeting
) -> None:
    invitations.tell(camille, visit, words)
    visit.starts_at += timedelta(minutes=15)
    meetings.edit(visit)
    change = invitations.tell(camille, visit, words)
    assert (change.subject, sent(change).event.sequence) == ("change: Visite", 1)
    visit.status = Meeting.Status.CANCELLED
    visit.save()
    off = sent(invitations.tell(camille, visit, words))
    assert (off.method, off.event.is_cancelled, off.event.sequence) == ("cancel", True, 2)
    assert invitations.news_of(visit) is None
    visit.status = Meeting.Status.PLANNED
    visit.save()
    again = sent(invitations.tell(camille, visit, words))
    assert (again.method, again.event.sequence) == ("request", 3)


def test_who_was_never_told_hears_of_no_calling_off(
    camille: User, mailbox: MailAccount, visit: Meeting
) -> None:
    visit.status = Meeting.Status.CANCELLED
    visit.save()
    assert invitations.news_of(visit) is None


def test_only_the_owner_invites_with_a_mailbox_and_the_right_to_send(
    camille: User, visit: Meeting
) -> None:
    assert invitations.may_invite(camille, visit) == "no_mailbox"
    builders.account(camille)
    assert invitations.may_invite(camille, visit) == ""
    camille.may_send = False
    assert invitations.may_invite(camille, visit) == "may_not_send"
    hugo = builders.user("hugo@clarte.example")
    builders.account(hugo)
    with pytest.raises(CannotInvite) as refused:
        invitations.tell(hugo, visit, words)
    assert refused.value.code == "not_hers"
    assert not Outgoing.objects.exists()


def test_an_answer_is_written_beside_its_guest(
    camille: User, mailbox: MailAccount, visit: Meeting
) -> None:
    invitations.tell(camille, visit, words)
    assert invitations.settle([answered(mailbox, visit, "accepted")]) == 1
    assert visit.attendees.get().answer == Attendee.Answer.ACCEPTED
    assert invitations.settle([answered(mailbox, visit, "declined")]) == 1
    assert visit.attendees.get().answer == Attendee.Answer.DECLINED


@pytest.mark.parametrize(
    "letter",
    [{"sender": "mallory@other.example"}, {"authentication": "fail"}, {"outgoing": True}],
)
def test_an_answer_somebody_else_gives_is_none(
    camille: User, mailbox: MailAccount, visit: Meeting, letter: dict[str, object]
) -> None:
    invitations.tell(camille, visit, words)
    assert invitations.settle([answered(mailbox, visit, "accepted", **letter)]) == 0
    assert visit.attendees.get().answer == Attendee.Answer.NONE


def test_an_answer_to_another_hour_is_none(
    camille: User, mailbox: MailAccount, visit: Meeting
) -> None:
    copy = answered(mailbox, visit, "accepted")
    visit.starts_at += timedelta(minutes=15)
    meetings.edit(visit)
    assert invitations.settle([copy]) == 0


def test_an_answer_in_the_mailbox_of_a_colleague_changes_nothing(visit: Meeting) -> None:
    other = builders.account(builders.user("hugo@clarte.example"))
    assert invitations.settle([answered(other, visit, "accepted")]) == 0


@time_machine.travel(datetime(2026, 11, 24, tzinfo=UTC), tick=False)
def test_nobody_is_invited_to_what_is_over(camille: User, mailbox: MailAccount) -> None:
    past = clock.now() - timedelta(days=1)
    meeting = Meeting(name="Visite", starts_at=past, ends_at=past + timedelta(hours=1))
    meetings.create(camille, meeting, guests=[GUEST])
    assert invitations.news_of(meeting) is None
