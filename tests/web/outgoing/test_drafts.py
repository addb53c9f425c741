"""Drafts: one's own, those of other programs, and how they end."""

from django.test import Client

from relance.mail import sources
from relance.mail.models import (
    MailAccount,
    MessageCopy,
    Outgoing,
)
from relance.users.models import User
from tests.inbox import builders
from tests.web.outgoing.conftest import FRAGMENT, State, Write, hours, state_of, text


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
