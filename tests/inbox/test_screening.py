"""The last look at a scheduled mail: what changed in the CRM since its hour was chosen."""

from datetime import timedelta

import pytest

from relance.addresses import suppression
from relance.inbox import screening, writing
from relance.lib import clock
from relance.mail import outbox
from relance.mail.models import MailAccount, Outgoing
from relance.users.models import Organisation, User
from tests.inbox import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relance.mail.jobs.deliver_later", lambda _pk: None)


def scheduled(user: User, record: str = "", confirmed: tuple[str, ...] = ()) -> Outgoing:
    to = {"name": "Éloïse", "address": "e@meunier.example", "record": record}
    draft = writing.begin(user, people={"to": [to]}, subject="Devis", html="<p>Voici.</p>")
    at = clock.now() + timedelta(hours=3)
    writing.schedule(user, draft.pk, at, "Europe/Paris", version=draft.version, confirmed=confirmed)
    draft.refresh_from_db()
    return draft


def codes(outgoing: Outgoing) -> list[str]:
    outgoing.refresh_from_db()
    return [reason.code for reason in screening.screen(outgoing)]


def test_nothing_speaks_against_a_mail_whose_world_has_not_changed(
    patricia: User, mailbox: MailAccount
) -> None:
    person = builders.person(patricia, "e@meunier.example")
    assert codes(scheduled(patricia, f"person:{person.pk}")) == []


def test_a_record_deleted_since_holds_the_mail_that_was_for_it(
    patricia: User, mailbox: MailAccount
) -> None:
    person = builders.person(patricia, "e@meunier.example", last_name="Garnier")
    mail = scheduled(patricia, f"person:{person.pk}")
    person.deleted_at = clock.now()
    person.save()
    [reason] = screening.screen(mail)
    assert (reason.code, reason.params["name"]) == ("record_deleted", "Garnier")
    assert codes(scheduled(patricia, "person:99999999")) == ["record_deleted"]
    assert codes(scheduled(patricia, "nonsense:1")) == []


def test_who_opts_out_in_the_meantime_is_not_written_to(
    patricia: User, mailbox: MailAccount
) -> None:
    mail = scheduled(patricia)
    suppression.mark_opted_out(builders.address("e@meunier.example").pk)
    assert codes(mail) == ["opted_out"]


def test_what_was_confirmed_when_it_was_scheduled_stays_so_unless_all_mail_is_stopped(
    patricia: User, mailbox: MailAccount
) -> None:
    suppression.mark_opted_out(builders.address("e@meunier.example").pk)
    with pytest.raises(writing.Refused):
        scheduled(patricia)
    mail = scheduled(patricia, confirmed=("opted_out",))
    assert codes(mail) == []
    Organisation.objects.create(name="Clarté", opt_out_blocks_all=True)
    assert codes(mail) == ["opted_out"]


def test_taken_back_a_mail_that_was_confirmed_is_as_it_was(
    patricia: User, mailbox: MailAccount
) -> None:
    suppression.mark_opted_out(builders.address("e@meunier.example").pk)
    mail = scheduled(patricia, confirmed=("opted_out",))
    undone = writing.take_back(patricia, mail.pk)
    assert undone.draft is not None and undone.draft.html == "<p>Voici.</p>"
    with pytest.raises(writing.Refused):
        writing.send(patricia, mail.pk, version=undone.draft.version)


def test_what_leaves_at_once_was_looked_at_a_moment_ago(
    patricia: User, mailbox: MailAccount
) -> None:
    mail = scheduled(patricia, "person:99999999")
    outbox.take_back(mail.pk, patricia)
    mail.refresh_from_db()
    writing.send(patricia, mail.pk, version=mail.version)
    assert codes(mail) == []
