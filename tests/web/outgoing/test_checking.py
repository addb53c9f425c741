"""Mail that needs a look: what happened, what to do, and the addresses behind it."""

from datetime import timedelta

import pytest
from django.test import Client

from relance.addresses import book
from relance.addresses.models import EmailAddress
from relance.crm.models import Person
from relance.files.models import Blob
from relance.journal.models import Entry
from relance.lib import clock
from relance.mail.models import (
    MailAccount,
    Operation,
    Outgoing,
    OutgoingAttachment,
    OutgoingRecipient,
)
from relance.users.models import User
from tests.inbox import builders
from tests.web.outgoing.conftest import FRAGMENT, State, Write, bounce, named, state_of, text


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
        named(copy, mail)
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


class TestWritingAgain:
    def test_those_who_have_it_are_left_out_and_the_corrected_address_is_taken(
        self, as_alice: Client, write: Write, alice: User, eloise: Person
    ) -> None:
        mail = write("sent", sent_at=clock.now(), html="<div>Bonjour</div>", to="t@x.example")
        bounce(mail, "e.garnier@meunier.example")
        OutgoingAttachment.objects.create(
            outgoing=mail,
            filename="a.pdf",
            content_type="application/pdf",
            blob=Blob.objects.create(sha256="a" * 64, size=3),
        )
        response = as_alice.post(f"/outgoing/{mail.pk}/rewrite/")
        draft = Outgoing.objects.get(state=State.DRAFT)
        assert response["Location"] == f"/compose/{draft.pk}/"
        # her first address does not exist; her record knows another
        assert [p["address"] for p in draft.people["to"]] == ["eloise@home.example"]
        assert draft.people["to"][0]["record"] == f"person:{eloise.pk}"
        assert (draft.subject, draft.html) == (mail.subject, "<div>Bonjour</div>")
        assert draft.message_id != mail.message_id
        assert [a.filename for a in draft.attachments.all()] == ["a.pdf"]
        assert state_of(mail) == State.SENT

    def test_when_all_have_it_nothing_is_written(self, as_alice: Client, write: Write) -> None:
        mail = write("sent", sent_at=clock.now())
        response = as_alice.post(f"/outgoing/{mail.pk}/rewrite/", **FRAGMENT)
        assert "Everybody has it" in response["HX-Trigger"]
        assert Outgoing.objects.count() == 1

    def test_nobody_else_does_so(self, as_bob: Client, write: Write) -> None:
        mail = write("sent", sent_at=clock.now())
        bounce(mail, "gone@vallon.example")
        assert as_bob.post(f"/outgoing/{mail.pk}/rewrite/").status_code == 404


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
