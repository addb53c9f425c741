"""Scheduled mail: shown, changed by its author alone, and when it is too late."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from relance.lib import clock
from relance.mail.models import (
    Outgoing,
)
from relance.users.models import User
from tests.web.outgoing.conftest import FRAGMENT, State, Write, hours, state_of, text


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
