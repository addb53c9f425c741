"""Drafts, scheduled and sent mail: what each shows, who may do what, when it is too late."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from relance.addresses import book
from relance.addresses.models import EmailAddress
from relance.crm.models import Person
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail import sources
from relance.mail.models import (
    Bounce,
    Folder,
    MailAccount,
    Message,
    MessageCopy,
    Operation,
    Outgoing,
    OutgoingRecipient,
)
from relance.users.models import User
from tests.inbox import builders

FRAGMENT = {"HTTP_HX_REQUEST": "true"}
State = Outgoing.State
Write = Callable[..., Outgoing]


@pytest.fixture
def account(alice: User) -> MailAccount:
    return builders.account(alice)


@pytest.fixture
def write(alice: User, account: MailAccount) -> Write:
    """`write("scheduled", to=…, …)`: a mail of Alice's in that state."""
    numbers = iter(range(1, 100))

    def one(
        state: str,
        *,
        to: str = "e.garnier@meunier.example",
        name: str = "Éloïse Garnier",
        **fields: Any,
    ) -> Outgoing:
        n = next(numbers)
        person = {"name": name, "address": to, "record": ""}
        values: dict[str, Any] = {
            "account": account,
            "author": alice,
            "subject": f"Devis {n}",
            "text": "Bonjour Éloïse",
            "message_id": f"{n}@clarte.example",
            "state": state,
            "people": {"to": [person], "cc": [], "bcc": []},
        }
        mail = Outgoing.objects.create(**{**values, **fields})
        if state != State.DRAFT:
            OutgoingRecipient.objects.create(
                outgoing=mail,
                address_id=book.ids_for([to])[to],
                name=name,
                state="accepted" if state == State.SENT else "waiting",
            )
        return mail

    return one


@pytest.fixture
def scheduled(write: Write) -> Outgoing:
    return write("scheduled", **hours(3))


def hours(ahead: float, zone: str = "Europe/Paris") -> dict[str, Any]:
    at = clock.now() + timedelta(hours=ahead)
    return {"scheduled_at": at, "next_try_at": at, "queued_at": at, "time_zone": zone}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def state_of(mail: Outgoing) -> str:
    return Outgoing.objects.get(pk=mail.pk).state


class TestDrafts:
    def test_one_sees_ones_own(self, as_alice: Client, as_bob: Client, write: Write) -> None:
        write("draft", subject="Proposition")
        shown = text(as_alice.get("/outgoing/drafts/"))
        assert "Proposition" in shown
        assert "Éloïse Garnier" in shown
        assert "1 draft" in shown
        assert "Proposition" not in text(as_bob.get("/outgoing/drafts/"))

    def test_drafts_of_another_program_stand_below(
        self, as_alice: Client, account: MailAccount
    ) -> None:
        builders.receive(account, folder="drafts", subject="Begun on the phone", outgoing=True)
        shown = text(as_alice.get("/outgoing/drafts/"))
        assert "Begun in another program" in shown
        assert "Begun on the phone" in shown

    def test_one_of_another_program_is_gone_on_with_here(
        self, as_alice: Client, as_bob: Client, account: MailAccount
    ) -> None:
        raw = b"From: alice@clarte.example\r\nTo: t@x.example\r\nSubject: Begun\r\n\r\nHello"
        copy = builders.receive(account, folder="drafts", subject="Begun", outgoing=True)
        sources.keep([(sources.digest(raw), raw, None)])
        MessageCopy.objects.filter(pk=copy.pk).update(raw=sources.digest(raw))
        path = f"/outgoing/drafts/{copy.pk}/adopt/"
        assert as_bob.post(path).status_code == 404
        assert as_alice.get(path).status_code == 405
        response = as_alice.post(path, **FRAGMENT)
        draft = Outgoing.objects.get()
        assert (draft.subject, draft.people["to"][0]["address"]) == ("Begun", "t@x.example")
        assert f"/compose/{draft.pk}/" in response["HX-Trigger"]
        assert "Begun in another program" not in text(as_alice.get("/outgoing/drafts/"))

    def test_one_that_could_not_be_read_says_so(
        self, as_alice: Client, account: MailAccount
    ) -> None:
        copy = builders.receive(account, folder="drafts", outgoing=True)
        response = as_alice.post(f"/outgoing/drafts/{copy.pk}/adopt/", **FRAGMENT)
        assert "could not be read" in response["HX-Trigger"]
        assert not Outgoing.objects.exists()

    def test_one_is_deleted_once_asked(self, as_alice: Client, write: Write) -> None:
        draft = write("draft")
        path = f"/outgoing/{draft.pk}/cancel/"
        assert "deleted for good" in text(as_alice.get(path, **FRAGMENT))
        assert as_alice.post(path, **FRAGMENT).status_code == 204
        assert not Outgoing.objects.exists()

    def test_without_any_one_is_told_where_they_come_from(self, as_alice: Client) -> None:
        assert "No draft" in text(as_alice.get("/outgoing/drafts/"))

    def test_one_opened_from_its_hour_keeps_it_when_nothing_is_changed(
        self, as_alice: Client, alice: User, scheduled: Outgoing
    ) -> None:
        as_alice.post(f"/outgoing/{scheduled.pk}/edit/")
        assert state_of(scheduled) == State.DRAFT
        assert "is being changed" in text(as_alice.get("/outgoing/drafts/"))
        as_alice.post(f"/outgoing/{scheduled.pk}/resume/")
        again = Outgoing.objects.get(pk=scheduled.pk)
        assert (again.state, again.scheduled_at) == (State.SCHEDULED, scheduled.scheduled_at)


class TestScheduled:
    def test_they_stand_by_day_with_their_hour(
        self, as_alice: Client, write: Write, scheduled: Outgoing
    ) -> None:
        write("scheduled", subject="Next week", **hours(170))
        shown = text(as_alice.get("/outgoing/scheduled/"))
        assert "2 messages" in shown
        assert "Later" in shown
        assert "Éloïse Garnier · Next week" in shown

    def test_an_hour_chosen_elsewhere_is_told_in_both_zones(
        self, as_alice: Client, write: Write, alice: User
    ) -> None:
        alice.time_zone = "Europe/Paris"
        alice.save()
        at = datetime.fromisoformat("2030-01-10T17:15:00+00:00")
        write("scheduled", scheduled_at=at, next_try_at=at, time_zone="Europe/London")
        shown = text(as_alice.get("/outgoing/scheduled/"))
        assert "18:15" in shown
        assert "17:15 in London" in shown

    def test_a_held_one_says_why(self, as_alice: Client, write: Write) -> None:
        reason = {"code": "invalid", "params": {"address": "r.blanchet@vallon.example"}}
        write("held", reason=reason, **hours(-1))
        shown = text(as_alice.get("/outgoing/scheduled/"))
        assert "Held back" in shown
        assert "Not sent: the address r.blanchet@vallon.example does not exist" in shown
        assert "was to leave at" in shown

    def test_a_reason_of_another_version_is_worded_plainly(
        self, as_alice: Client, write: Write
    ) -> None:
        write("held", reason={"code": "never_heard_of"}, **hours(-1))
        assert "something changed" in text(as_alice.get("/outgoing/scheduled/"))

    def test_a_colleagues_is_read_and_not_touched(
        self, as_alice: Client, write: Write, bob: User
    ) -> None:
        theirs = write("scheduled", author=bob, subject="From the team", **hours(3))
        shown = text(as_alice.get("/outgoing/scheduled/"))
        assert "From the team" in shown
        assert "Read only" in shown
        assert "By Bob Durand" in shown
        assert f"/outgoing/{theirs.pk}/edit/" not in shown
        assert "Bonjour Éloïse" in text(as_alice.get(f"/outgoing/{theirs.pk}/"))
        for verb in ("edit", "send", "cancel", "again", "gone", "search", "resume"):
            assert as_alice.post(f"/outgoing/{theirs.pk}/{verb}/").status_code == 404
        assert state_of(theirs) == State.SCHEDULED

    def test_others_mails_do_not_exist(self, as_bob: Client, scheduled: Outgoing) -> None:
        for path in ("", "cancel/"):
            assert as_bob.get(f"/outgoing/{scheduled.pk}/{path}").status_code == 404
        for verb in ("edit", "send", "cancel", "again", "gone", "search", "resume"):
            assert as_bob.post(f"/outgoing/{scheduled.pk}/{verb}/").status_code == 404
        assert state_of(scheduled) == State.SCHEDULED
        assert "Devis" not in text(as_bob.get("/outgoing/scheduled/"))

    def test_editing_makes_it_a_draft_that_is_waited_for(
        self, as_alice: Client, scheduled: Outgoing
    ) -> None:
        response = as_alice.post(f"/outgoing/{scheduled.pk}/edit/")
        assert response["Location"] == f"/compose/{scheduled.pk}/"
        mail = Outgoing.objects.get(pk=scheduled.pk)
        assert mail.state == State.DRAFT
        assert mail.edited_until is not None

    def test_sent_now_it_leaves_at_once(self, as_alice: Client, scheduled: Outgoing) -> None:
        assert as_alice.post(f"/outgoing/{scheduled.pk}/send/", **FRAGMENT).status_code == 204
        mail = Outgoing.objects.get(pk=scheduled.pk)
        assert (mail.state, mail.next_try_at, mail.scheduled_at) == (State.QUEUED, None, None)
        assert mail.recipients.count() == 1

    def test_without_the_right_to_send_it_stays(
        self, as_alice: Client, alice: User, scheduled: Outgoing
    ) -> None:
        alice.may_send = False
        alice.save()
        as_alice.post(f"/outgoing/{scheduled.pk}/send/")
        assert state_of(scheduled) == State.SCHEDULED

    def test_cancelling_asks_and_keeps_a_draft(self, as_alice: Client, scheduled: Outgoing) -> None:
        path = f"/outgoing/{scheduled.pk}/cancel/"
        assert "Keep as a draft" in text(as_alice.get(path, **FRAGMENT))
        assert state_of(scheduled) == State.SCHEDULED
        response = as_alice.post(path, {"keep": "draft"}, **FRAGMENT)
        assert "outgoing-acted" in response["HX-Trigger"]
        assert state_of(scheduled) == State.DRAFT

    def test_cancelling_deletes_when_told_to(self, as_alice: Client, scheduled: Outgoing) -> None:
        as_alice.post(f"/outgoing/{scheduled.pk}/cancel/", {"keep": ""})
        assert not Outgoing.objects.exists()

    @pytest.mark.parametrize("verb", ["edit", "send", "cancel", "again", "gone", "resume"])
    def test_what_has_left_is_not_changed(self, as_alice: Client, write: Write, verb: str) -> None:
        mail = write("sent", sent_at=clock.now())
        response = as_alice.post(f"/outgoing/{mail.pk}/{verb}/", **FRAGMENT)
        assert response.status_code == 204
        assert state_of(mail) == State.SENT

    @pytest.mark.parametrize("verb", ["edit", "send", "cancel"])
    def test_what_a_worker_holds_is_not_changed(
        self, as_alice: Client, write: Write, verb: str
    ) -> None:
        mail = write("sending", lease_until=clock.now() + timedelta(minutes=5))
        response = as_alice.post(f"/outgoing/{mail.pk}/{verb}/", **FRAGMENT)
        assert "it is leaving" in response["HX-Trigger"]
        assert state_of(mail) == State.SENDING

    def test_a_page_without_script_goes_back_to_its_list(
        self, as_alice: Client, scheduled: Outgoing
    ) -> None:
        path = f"/outgoing/{scheduled.pk}/cancel/"
        response = as_alice.post(path, {"keep": ""}, HTTP_REFERER=f"http://testserver{path}")
        assert response["Location"] == "/outgoing/sent/"


class TestToCheck:
    def test_an_uncertain_one_offers_three_ways(self, as_alice: Client, write: Write) -> None:
        mail = write("uncertain", error_code="disconnected")
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "Relance does not send it again by itself" in shown
        for verb in ("search", "again", "gone"):
            assert f"/outgoing/{mail.pk}/{verb}/" in shown
        assert f"/outgoing/{mail.pk}/edit/" not in shown

    def test_marked_as_gone_it_is_sent_and_filed(self, as_alice: Client, write: Write) -> None:
        mail = write("uncertain")
        as_alice.post(f"/outgoing/{mail.pk}/gone/")
        assert state_of(mail) == State.SENT
        assert Operation.objects.filter(outgoing=mail, kind="append").exists()

    def test_searched_again_it_is_found_in_its_mailbox(
        self, as_alice: Client, write: Write, account: MailAccount
    ) -> None:
        mail = write("uncertain")
        response = as_alice.post(f"/outgoing/{mail.pk}/search/", **FRAGMENT)
        assert "Not found so far" in response["HX-Trigger"]
        copy = builders.receive(account, folder="sent", outgoing=True)
        Message.objects.filter(pk=copy.message_id).update(message_id=mail.message_id)
        response = as_alice.post(f"/outgoing/{mail.pk}/search/", **FRAGMENT)
        assert "It was found" in response["HX-Trigger"]
        assert state_of(mail) == State.SENT

    def test_one_put_off_says_when_it_is_tried_again(self, as_alice: Client, write: Write) -> None:
        mail = write(
            "retrying",
            error_code="quota",
            attempts=2,
            next_try_at=clock.now() + timedelta(minutes=20),
        )
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "New attempt at" in shown
        assert "2 attempts so far" in shown
        as_alice.post(f"/outgoing/{mail.pk}/again/")
        assert state_of(mail) == State.QUEUED

    def test_one_that_waits_for_the_login_leads_to_the_mailbox(
        self, as_alice: Client, write: Write
    ) -> None:
        write("retrying", error_code="wrong_password", next_try_at=clock.now())
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "refuses the login" in shown
        assert 'href="/mailboxes/"' in shown

    def test_a_refused_one_is_taken_back_for_editing(self, as_alice: Client, write: Write) -> None:
        mail = write("failed", error_code="too_large")
        assert "finds it too large" in text(as_alice.get("/outgoing/sent/?show=check"))
        as_alice.post(f"/outgoing/{mail.pk}/edit/")
        assert state_of(mail) == State.DRAFT

    def test_one_that_came_back_names_who_did_not_get_it(
        self, as_alice: Client, write: Write, account: MailAccount
    ) -> None:
        mail = write("sent", sent_at=clock.now())
        bounce(mail, "m.dupond@vallon.example", status="5.1.1", cause="no_such_user")
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "m.dupond@vallon.example" in shown
        assert "the address does not exist" in shown
        assert "5.1.1" in shown
        assert "1 sent, 1 bounced" in shown
        assert "The others have it" in shown

    def test_it_leads_to_the_record_that_wants_correcting(
        self, as_alice: Client, write: Write, eloise: Person
    ) -> None:
        mail = write("sent", sent_at=clock.now())
        bounce(mail, "e.garnier@meunier.example")
        shown = text(as_alice.get("/outgoing/sent/"))
        assert f'href="{eloise.get_absolute_url()}"' in shown
        assert "Correct the record of Éloïse Garnier" in shown

    def test_old_ones_are_listed_under_not_delivered_alone(
        self, as_alice: Client, write: Write
    ) -> None:
        long_ago = clock.now() - timedelta(days=20)
        mail = write("sent", sent_at=long_ago, queued_at=long_ago, subject="Long ago")
        bounce(mail, "gone@vallon.example")
        assert "Long ago" not in text(as_alice.get("/outgoing/sent/?show=check"))
        assert "Long ago" in text(as_alice.get("/outgoing/sent/?show=failed"))

    def test_nothing_to_check_is_said(self, as_alice: Client) -> None:
        assert "Nothing to check" in text(as_alice.get("/outgoing/sent/?show=check"))
        assert "Everything arrived" in text(as_alice.get("/outgoing/sent/?show=failed"))


def bounce(
    mail: Outgoing,
    to: str,
    *,
    status: str = "5.1.1",
    cause: str = "no_such_user",
    kind: str = "hard",
) -> Bounce:
    recipient = OutgoingRecipient.objects.create(
        outgoing=mail, address_id=book.ids_for([to])[to], state="bounced"
    )
    EmailAddress.objects.filter(pk=recipient.address_id).update(invalid_at=clock.now())
    return Bounce.objects.create(
        recipient=recipient,
        original_message_id=mail.message_id,
        address_id=recipient.address_id,
        kind=kind,
        cause=cause,
        status=status,
        diagnostic="550 no such user",
    )


class TestSent:
    def sent_copy(self, account: MailAccount, mail: Outgoing | None, **fields: Any) -> Any:
        copy = builders.receive(
            account,
            sender=account.address,
            folder="sent",
            outgoing=True,
            seen=True,
            to="e.garnier@meunier.example",
            **fields,
        )
        if mail is not None:
            Message.objects.filter(pk=copy.message_id).update(message_id=mail.message_id)
        Folder.objects.filter(pk=copy.folder_id).update(total_count=1)
        return copy

    def test_a_mail_of_relance_carries_its_state(
        self, as_alice: Client, write: Write, account: MailAccount
    ) -> None:
        mail = write("sent", sent_at=clock.now())
        copy = self.sent_copy(account, mail, subject="Le devis")
        shown = text(as_alice.get("/outgoing/sent/"))
        assert f'data-thread="{copy.thread_id}"' in shown
        assert "does not confirm the delivery" in shown
        assert ">Leaving<" not in shown
        Outgoing.objects.update(answered_at=clock.now())
        assert "Answered" in text(as_alice.get("/outgoing/sent/"))

    def test_one_of_another_program_stands_there_too(
        self, as_alice: Client, account: MailAccount
    ) -> None:
        self.sent_copy(account, None, subject="From the phone")
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "From the phone" in shown
        assert "1 message" in shown

    def test_a_report_on_it_is_shown_with_it(self, as_alice: Client, account: MailAccount) -> None:
        copy = self.sent_copy(account, None)
        Bounce.objects.create(
            message_id=copy.message_id,
            original_message_id="x",
            kind="hard",
            address=builders.address("x@vallon.example"),
            cause="mailbox_full",
        )
        assert "1 bounced" in text(as_alice.get("/outgoing/sent/"))

    def test_one_in_its_undo_window_can_be_taken_back(self, as_alice: Client, write: Write) -> None:
        mail = write("queued", next_try_at=clock.now() + timedelta(seconds=9))
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "data-countdown" in shown
        as_alice.post(f"/outgoing/{mail.pk}/edit/")
        assert state_of(mail) == State.DRAFT

    def test_one_that_has_just_left_shows_before_its_copy_comes(
        self, as_alice: Client, write: Write
    ) -> None:
        write("sent", sent_at=clock.now(), subject="Just gone")
        assert "Just gone" in text(as_alice.get("/outgoing/sent/"))

    def test_others_see_nothing_of_it(self, as_bob: Client, write: Write) -> None:
        write("sent", sent_at=clock.now(), subject="Just gone")
        write("uncertain", subject="Perhaps gone")
        shown = text(as_bob.get("/outgoing/sent/"))
        assert "Just gone" not in shown
        assert "Perhaps gone" not in shown

    def test_its_cost_does_not_grow_with_its_length(
        self,
        as_alice: Client,
        write: Write,
        account: MailAccount,
        django_assert_max_num_queries: Any,
    ) -> None:
        for _ in range(30):
            self.sent_copy(account, write("sent", sent_at=clock.now()))
        with django_assert_max_num_queries(40):
            as_alice.get("/outgoing/sent/")

    def test_a_subject_is_only_ever_text(self, as_alice: Client, write: Write) -> None:
        payload = "<img src=x onerror=alert(1)>"
        write("draft", subject=payload, name=payload)
        write("scheduled", subject=payload, text=payload, name=payload, **hours(2))
        write("held", subject=payload, name=payload, **hours(-1))
        mail = write("uncertain", subject=payload, text=payload, name=payload)
        for path in ("drafts", "scheduled", "sent", str(mail.pk), f"{mail.pk}/cancel"):
            assert "<img src=x" not in text(as_alice.get(f"/outgoing/{path}/"))


class TestBounceRate:
    def test_above_five_percent_a_banner_warns(self, as_alice: Client, write: Write) -> None:
        mail = write("sent", sent_at=clock.now())
        for n in range(18):
            OutgoingRecipient.objects.create(
                outgoing=mail,
                state="accepted",
                address_id=book.ids_for([f"{n}@x.example"])[f"{n}@x.example"],
            )
        bounce(mail, "gone@vallon.example")
        assert "came back for good" not in text(as_alice.get("/outgoing/sent/"))  # 1 of 20
        bounce(mail, "gone-too@vallon.example")
        shown = text(as_alice.get("/outgoing/sent/"))
        assert "9.5 % of your mails" in shown
        assert "(2 of 21)" in shown


class TestUnblocking:
    @pytest.fixture
    def blocked(self, write: Write) -> EmailAddress:
        mail = write("sent", sent_at=clock.now())
        found = bounce(mail, "policy@vallon.example", cause="blocked", status="5.7.1").address
        EmailAddress.objects.filter(pk=found.pk).update(invalid_at=None, blocked_at=clock.now())
        found.refresh_from_db()
        return found

    def test_it_asks_for_a_reason_and_is_kept(
        self, as_alice: Client, blocked: EmailAddress
    ) -> None:
        path = f"/outgoing/addresses/{blocked.pk}/unblock/"
        assert path in text(as_alice.get("/outgoing/sent/"))
        assert "blocks the mail" in text(as_alice.get(path, **FRAGMENT))
        assert "Give a reason" in text(as_alice.post(path, {"reason": " "}, **FRAGMENT))
        blocked.refresh_from_db()
        assert blocked.blocked_at
        assert as_alice.post(path, {"reason": "They told me"}, **FRAGMENT).status_code == 204
        blocked.refresh_from_db()
        assert blocked.blocked_at is None
        assert Entry.objects.get().params["reason"] == "They told me"

    def test_who_may_not_send_cannot(
        self, as_bob: Client, bob: User, blocked: EmailAddress
    ) -> None:
        bob.may_send = False
        bob.save()
        path = f"/outgoing/addresses/{blocked.pk}/unblock/"
        assert as_bob.get(path).status_code == 404
        assert as_bob.post(path, {"reason": "x"}).status_code == 404

    def test_one_that_does_not_exist_is_freed_by_administrators_alone(
        self, as_alice: Client, as_bob: Client, blocked: EmailAddress
    ) -> None:
        EmailAddress.objects.filter(pk=blocked.pk).update(invalid_at=clock.now())
        path = f"/outgoing/addresses/{blocked.pk}/unblock/"
        assert as_bob.post(path, {"reason": "x"}).status_code == 404
        as_alice.post(path, {"reason": "x"})
        blocked.refresh_from_db()
        assert blocked.invalid_at is None


class TestRail:
    def test_drafts_and_scheduled_are_counted(self, as_alice: Client, write: Write) -> None:
        write("draft")
        write("scheduled", **hours(2))
        write("held", **hours(-2))
        shown = text(as_alice.get("/outgoing/counts/"))
        assert 'id="rail-drafts" class="rail__n">1<' in shown
        assert 'id="rail-scheduled" class="rail__n">2<' in shown
        page = text(as_alice.get("/outgoing/scheduled/"))
        for path in ("drafts", "scheduled", "sent"):
            assert f'href="/outgoing/{path}/"' in page
        assert 'href="/folders/sent/"' not in page
