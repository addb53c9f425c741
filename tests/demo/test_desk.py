"""What lies on the desks of the demo."""

from __future__ import annotations

import pytest

from relance.crm.models import Call, Deal, Meeting, Note, Person, Task
from relance.demo import desk, records
from relance.files.models import Document
from relance.inbox import merging
from relance.lib import clock
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.writing import merge, photos
from relance.writing.models import Template


@pytest.mark.django_db
def test_templates_fit_a_customer_with_a_deal() -> None:
    records.write(clock.now())
    camille = User.objects.get(email="camille@clarte.example")
    person = Person.objects.get(last_name="Garnier")
    values = merging.values(camille, person=person, company=person.company, deal=_deal(person))
    assert Template.objects.count() == 6
    for template in Template.objects.all():
        assert template.sharing in Template.Sharing.values
        assert template.html.count("<p>") >= 3
        assert not merge.check(template.html) and not merge.check(template.subject)
        assert not merge.render_html(template.html, values).missing
        assert not merge.render_text(template.subject, values).missing


def _deal(person: Person) -> Deal:
    return Deal.objects.filter(contacts__person=person).order_by("closes_on")[0]


@pytest.mark.django_db
def test_a_draft_and_mails_for_coming_mornings_wait() -> None:
    records.write(clock.now())
    states = list(Outgoing.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["draft", "scheduled", "scheduled", "scheduled"]
    for mail in Outgoing.objects.filter(state="scheduled"):
        assert mail.scheduled_at and mail.scheduled_at > clock.now()
        assert mail.scheduled_at.astimezone(mail.author.zone).hour == 8
        assert "{" not in mail.text + mail.subject
        assert "Camille Laurent" in mail.text


@pytest.mark.django_db
def test_everybody_finds_the_documents_and_camille_has_a_photo() -> None:
    records.write(clock.now())
    assert Document.objects.filter(folder__access="read").count() == 9
    assert photos.of(User.objects.get(email="camille@clarte.example")) is not None
    assert photos.square(desk.portrait())[:2] == b"\xff\xd8"


@pytest.mark.django_db
def test_camilles_days_are_full() -> None:
    records.write(clock.now())
    assert Task.objects.filter(owner__first_name="Camille", status="open").count() == 6
    assert Task.objects.filter(deal__isnull=False, person__last_name="Garnier").count() == 2
    assert Call.objects.filter(status="held", seconds__gt=0).count() == 2
    assert all(m.starts_at < m.ends_at for m in Meeting.objects.all())
    assert Meeting.objects.count() == 4 and Note.objects.count() == 2
