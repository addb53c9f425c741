"""Mail that comes while one looks on."""

from __future__ import annotations

from pathlib import Path

import pytest

from relance.demo import arrivals
from relance.demo.cast import CAMILLE, HUGO
from relance.mail.models import MailAccount
from relance.mime.parse import parse
from relance.users.models import Organisation
from tests.demo.conftest import in_folder, newest


def test_a_mail_that_goes_on_with_the_story_is_in_its_conversation(data: Path, rows: None) -> None:
    known = in_folder(data, "camille")
    arrivals.deliver_now(CAMILLE.address)
    subject = arrivals.deliver_now(CAMILLE.address)
    assert subject == "Bon pour accord à venir"
    arrived = next(m for m in map(parse, newest(data, "camille", known)) if m.in_reply_to)
    promise = next(m for m in map(parse, known) if m.message_id == arrived.in_reply_to[0])
    assert promise.from_ == arrived.from_
    assert [part.filename for part in arrived.parts if part.filename] == ["bon-pour-accord.pdf"]


def test_two_processes_do_not_deliver_the_same_mail(data: Path, rows: None) -> None:
    (data / "arrived" / "hugo").mkdir(parents=True)
    (data / "arrived" / "hugo" / "0").touch()
    assert arrivals.deliver_now(HUGO.address) == "Saint-Priest\xa0: livraison en deux fois"


def test_a_mail_comes_by_itself_after_some_minutes_and_not_at_once(
    data: Path, rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr(arrivals, "_clock", arrivals.Clock())
    known = in_folder(data, "camille")
    arrivals.deliver_sometimes()
    assert newest(data, "camille", known) == []
    now += 300
    arrivals.deliver_sometimes()
    arrivals.deliver_sometimes()
    assert len(newest(data, "camille", known)) == 1
    assert MailAccount.objects.get(address=CAMILLE.address).wanted_at is not None


def test_nothing_comes_by_itself_outside_the_demo(
    data: Path, rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Organisation.objects.update(is_demo=False)
    monkeypatch.setattr(arrivals.Clock, "is_time", lambda _clock: True)
    known = in_folder(data, "camille")
    arrivals.deliver_sometimes()
    assert newest(data, "camille", known) == []
