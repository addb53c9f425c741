"""Scenes 6, 15 and 18: who sees which mail, where nothing is shared."""

from __future__ import annotations

import pytest
from django.urls import reverse

from relance.crm import people
from relance.crm.models import Company, Deal, Person
from relance.inbox import columns, related
from relance.inbox.models import Stream
from relance.inbox.related import Asked
from relance.mail.models import CopyParticipant, MessageCopy, Outgoing, OutgoingRecipient
from relance.users import team
from relance.users.models import User
from tests.inbox import builders
from tests.scenes.conftest import Zylker

pytestmark = pytest.mark.django_db
ALICE = "alice@client.example"


def _subjects(viewer: User, record: Person | Company | Deal, query: str = "") -> list[str]:
    page = related.page(viewer, related.concern_of(record), Asked(query=query))
    waiting = [mail.subject for mail in page.waiting]
    return waiting + [mail.message.subject for mail in page.mails]


def test_scene_6_making_a_contact_of_a_colleague_shows_nobody_her_mail(zylker: Zylker) -> None:
    pdg = "pdg@zylker.example"
    copy = zylker.receives("jean", sender=pdg, subject="Secret", text="salaries")
    contact = Person(kind=Person.Kind.CONTACT, last_name="PDG")
    people.create_person(zylker.jean, contact, addresses=[pdg])
    assert zylker.column_of("jean", copy) == Stream.COLLEAGUES
    assert _subjects(zylker.jean, contact) == ["Secret"]
    assert _subjects(zylker.pierre, contact) == []
    assert _subjects(zylker.pierre, contact, "salaries") == []
    assert not columns.search(zylker.pierre, "salaries").cards
    pierre = zylker.as_("pierre")
    assert "Secret" not in pierre.get(f"/mails/person/{contact.pk}/panel/").content.decode()
    assert pierre.get(f"/threads/{copy.thread_id}/").status_code == 404
    assert pierre.get(f"/threads/{copy.thread_id}/panel/").status_code == 404


class TestScene15:
    """Sofia has left: nobody sees her mail any more, she herself included."""

    @pytest.fixture
    def alice(self, zylker: Zylker) -> Person:
        company = builders.company(zylker.sofia, "Client")
        return builders.person(zylker.sofia, ALICE, company=company)

    @pytest.fixture
    def copy(self, zylker: Zylker, alice: Person) -> MessageCopy:
        copy = zylker.receives("sofia", sender=ALICE, subject="Hers", text="lighthouse")
        outgoing = Outgoing.objects.create(
            account=zylker.mailboxes["sofia"],
            author=zylker.sofia,
            subject="Planned",
            state="scheduled",
            message_id="planned@zylker.example",
        )
        OutgoingRecipient.objects.create(outgoing=outgoing, address=builders.address(ALICE))
        assert _subjects(zylker.sofia, alice) == ["Planned", "Hers"]
        team.deactivate(zylker.pdg, zylker.sofia)
        zylker.sofia.refresh_from_db()
        return copy

    @pytest.mark.parametrize("name", ["pdg", "marc", "sofia"])
    def test_lists_search_counts_and_streams_are_silent(
        self, zylker: Zylker, alice: Person, copy: MessageCopy, name: str
    ) -> None:
        viewer, deal = zylker.users[name], builders.deal(zylker.patricia, alice)
        for record in (alice, alice.company, deal):
            assert record is not None
            assert _subjects(viewer, record) == []
            assert _subjects(viewer, record, "lighthouse") == []
        assert zylker.sofia not in related.owners(viewer)
        assert not columns.search(viewer, "lighthouse").cards
        assert all(not column.cards for column in columns.board(viewer))
        assert columns.unread_total(viewer) == 0
        assert zylker.column_of(name, copy) is None

    def test_pages_are_silent(self, zylker: Zylker, alice: Person, copy: MessageCopy) -> None:
        for name in ("pdg", "marc"):
            client = zylker.as_(name)
            for place in ("related_mails:panel", "history:panel"):
                page = client.get(reverse(place, args=["person", alice.pk]))
                assert page.status_code == 200
                assert "Hers" not in page.content.decode()
            assert "lighthouse" not in client.get("/search/?q=hers").content.decode()
            assert client.get(f"/threads/{copy.thread_id}/").status_code == 404

    def test_what_others_received_of_the_same_person_stays(
        self, zylker: Zylker, alice: Person, copy: MessageCopy
    ) -> None:
        zylker.receives("patricia", sender=ALICE, subject="Patricia’s")
        assert _subjects(zylker.patricia, alice) == ["Patricia’s"]

    @pytest.mark.parametrize("query", ["tab=conversations&whose=all", "tab=timeline"])
    def test_the_panel_beside_a_mail_of_hers_is_silent_too(
        self, zylker: Zylker, copy: MessageCopy, query: str
    ) -> None:
        seen = zylker.receives("patricia", sender=ALICE, subject="Patricia’s")
        page = zylker.as_("patricia").get(f"/threads/{seen.thread_id}/panel/?{query}")
        assert page.status_code == 200
        assert "Patricia’s" in page.content.decode()
        assert "Hers" not in page.content.decode()
        assert "Planned" not in page.content.decode()

    def test_coming_back_restores_everything(
        self, zylker: Zylker, alice: Person, copy: MessageCopy
    ) -> None:
        team.reactivate(zylker.sofia)
        zylker.sofia.refresh_from_db()
        assert "Hers" in _subjects(zylker.sofia, alice)


def test_scene_18_of_one_mail_to_two_each_sees_her_own_copy_and_no_blind_copy(
    zylker: Zylker,
) -> None:
    alice = builders.person(zylker.patricia, ALICE)
    hidden = builders.person(zylker.patricia, "hidden@client.example")
    own = zylker.receives("pdg", sender=ALICE, subject="Both", to="patricia@zylker.example")
    CopyParticipant.objects.create(copy=own, address=builders.address("hidden@client.example"))
    hers = builders.receive(zylker.mailboxes["patricia"], sender=ALICE, subject="Both")
    MessageCopy.objects.filter(pk=hers.pk).update(message=own.message)
    hers.refresh_from_db()
    found = related.page(zylker.patricia, related.concern_of(alice), Asked()).mails
    assert [mail.copy for mail in found] == [hers]
    assert _subjects(zylker.patricia, hidden) == []
    page = zylker.as_("patricia").get(f"/threads/{hers.thread_id}/").content.decode()
    assert "hidden@client.example" not in page
    assert "pdg@zylker.example" not in page
    assert zylker.as_("patricia").get(f"/threads/{own.thread_id}/").status_code == 404
    assert _subjects(zylker.jean, alice) == []
