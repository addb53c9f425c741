"""What is in the demo world, and that it is built once."""

from __future__ import annotations

import json
import socket
from collections import Counter
from pathlib import Path

import pytest

from relance.crm.models import Company, Deal, Person
from relance.demo import arrivals, maildir, story, world
from relance.demo.cast import BY_NAME
from relance.mail.models import MailAccount
from relance.mime.parse import parse
from relance.users.models import Organisation, User
from tests.demo.conftest import NOW, in_folder

FOLDERS = ("", "Sent", "Archive")
PEOPLE = ("camille", "sophie", "hugo")


def test_the_mailboxes_hold_twelve_hundred_mails(written: Path) -> None:
    counts = {who: sum(len(in_folder(written, who, f)) for f in FOLDERS) for who in PEOPLE}
    assert sum(counts.values()) == world.MAILS
    assert counts["camille"] > 600
    assert min(counts.values()) > 100


def test_eleven_mails_wait_for_camille(written: Path) -> None:
    unread = [p for p in (written / "mail" / "camille").glob("*/*.relance*") if "S" not in p.name]
    assert len(unread) == 11
    assert "Marion Petit" in {parse(p.read_bytes()).from_[0].name for p in unread}


def test_every_mail_is_read_without_a_defect(written: Path) -> None:
    found = [parse(raw) for who in PEOPLE for f in FOLDERS for raw in in_folder(written, who, f)]
    assert {defect for mail in found for defect in mail.defects} == set()
    assert all(mail.snippet and mail.date and mail.date <= NOW for mail in found)
    assert sum(bool(mail.html) for mail in found) > 200
    assert sum(mail.is_bulk for mail in found) > 10
    assert [mail.subject for mail in found if mail.is_bounce] == [
        "Undelivered Mail Returned to Sender"
    ]


def test_a_year_of_mail_does_not_repeat_itself() -> None:
    letters = world.letters(NOW)
    bodies = Counter(letter.text for letter in letters if len(letter.text) > 90)
    assert max(bodies.values()) <= 2
    assert sum(n for n in bodies.values() if n > 1) < 30
    assert (NOW - min(letter.at for letter in letters)).days > 330
    assert len({letter.message_id for letter in letters}) == len(letters)


def test_four_languages_are_written_and_nothing_is_left_to_fill_in() -> None:
    letters = world.letters(NOW)
    assert {letter.sender.firm.language for letter in letters} == {"fr", "en", "de", "es"}
    assert not [x.subject for x in letters if "{" in x.text + x.subject + "".join(x.files)]


def test_an_answer_comes_after_what_it_answers_and_names_it(written: Path) -> None:
    for letter in world.letters(NOW):
        if letter.answers:
            assert letter.at > letter.answers.at
    mails = [parse(raw) for raw in in_folder(written, "camille", "Sent")]
    known = {
        m.message_id for who in FOLDERS for m in map(parse, in_folder(written, "camille", who))
    }
    answers = [mail for mail in mails if mail.in_reply_to]
    assert answers
    assert all(mail.in_reply_to[0] in known for mail in answers)


def test_the_story_keeps_its_dates_whenever_it_begins() -> None:
    february = NOW.replace(year=2027, month=2, day=8)
    texts = {letter.subject: letter.text for letter in story.today(february)}
    assert "1er mars" in texts["Nouvelle adresse de facturation"]
    assert "dates de clôture de février" in texts["Point pipeline de vendredi"]
    assert any("Devis 2027-118" in subject for subject in texts)
    assert all(letter.at < february for letter in story.today(february))


def test_the_crm_knows_forty_companies_and_the_open_deals_of_the_drawing(rows: None) -> None:
    assert Company.objects.count() == 40
    assert Person.objects.filter(kind="lead").count() == 7
    mine = Deal.objects.filter(owner__first_name="Camille", stage__kind="open")
    assert mine.count() == 8
    assert sum(deal.amount or 0 for deal in mine) == 214_300
    marion = BY_NAME["Marion Petit"].address
    assert not Person.objects.filter(addresses__address=marion).exists()


def test_everybody_has_a_mailbox_on_this_machine_alone(rows: None) -> None:
    accounts = MailAccount.objects.all()
    assert {a.address for a in accounts} == set(maildir.PASSWORDS)
    assert {a.imap_host for a in accounts} == {a.smtp_host for a in accounts} == {"127.0.0.1"}
    assert all(a.sharing == "private" for a in accounts)
    assert User.objects.get(role="admin").first_name == "Sophie"


def test_it_is_built_once(tmp_path: Path, db: None) -> None:
    world.build(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "mail").rglob("*")}
    world.build(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "mail").rglob("*")} == before
    assert Organisation.objects.filter(is_demo=True).count() == 1
    assert world.primary_email() in maildir.PASSWORDS


def test_a_building_that_was_interrupted_begins_anew(tmp_path: Path, rows: None) -> None:
    maildir.make(tmp_path)
    maildir.deliver(tmp_path, "camille@clarte.example", b"Subject: half\r\n\r\n.")
    world.build(tmp_path)
    assert sum(len(in_folder(tmp_path, who, f)) for who in PEOPLE for f in FOLDERS) == world.MAILS
    assert Company.objects.count() == 40


def test_ports_stay_the_same_and_make_way_when_taken(data: Path, rows: None) -> None:
    first = world.settle_ports(data)
    assert world.settle_ports(data) == first
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first[0]))
        taken.listen()
        second = world.settle_ports(data)
    assert second[0] != first[0]
    assert second[1] == first[1]
    organisation = Organisation.objects.get()
    assert organisation.allowed_hosts == [f"127.0.0.1:{port}" for port in second]
    assert set(MailAccount.objects.values_list("imap_port", "smtp_port")) == {second}
    assert json.loads((data / "demo.json").read_text())["built_at"] == NOW.isoformat()


@pytest.mark.parametrize("email", sorted(maildir.PASSWORDS))
def test_each_mail_of_the_story_arrives_once(data: Path, rows: None, email: str) -> None:
    subjects = [arrivals.deliver_now(email) for _ in range(30)]
    mails = [parse(raw) for raw in in_folder(data, email.partition("@")[0])]
    assert len({mail.message_id for mail in mails}) == len(mails)
    assert len(set(subjects)) > 12
    assert not [subject for subject in subjects if "{" in subject]
