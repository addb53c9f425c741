"""Sent mail, whichever program sent it, with what became of it."""

from datetime import timedelta
from typing import Any

from django.test import Client

from relance.lib import clock
from relance.mail.models import (
    Bounce,
    Folder,
    MailAccount,
    Outgoing,
)
from tests.inbox import builders
from tests.web.outgoing.conftest import State, Write, hours, named, state_of, text


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
            named(copy, mail)
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
