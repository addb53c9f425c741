"""The doctor says what is wrong and what to do, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from relance.lib import clock
from relance.mail.models import MailAccount, Outgoing
from relance.site import doctor
from relance.users.models import User

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def account(db: None) -> MailAccount:
    return MailAccount.objects.create(
        owner=User.objects.create_user("camille@clarte.example"),
        address="camille@clarte.example",
        imap_host="imap.clarte.example",
        imap_username="camille",
        smtp_host="smtp.clarte.example",
        sharing=MailAccount.Sharing.PRIVATE,
        state=MailAccount.State.OK,
        synced_at=clock.now(),
    )


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA = tmp_path / "house"
    settings.DATA.mkdir(mode=0o700)
    settings.SECRETS_FILE = str(settings.DATA / "secrets.key")
    return Path(settings.DATA)


def said(capsys: Printed) -> str:
    """What the doctor prints, who must have found something."""
    assert doctor.run() == 1
    return capsys.readouterr().out


def test_a_sound_house_is_said_to_be_so(account: MailAccount, capsys: Printed) -> None:
    assert doctor.run() == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["ok"] * 8


class TestFolders:
    def test_one_that_others_may_read(self, db: None, own_folder: Path, capsys: Printed) -> None:
        own_folder.chmod(0o755)
        assert f"Run `chmod 700 {own_folder}`" in said(capsys)

    def test_a_disk_that_is_nearly_full(
        self, db: None, monkeypatch: pytest.MonkeyPatch, capsys: Printed
    ) -> None:
        monkeypatch.setattr(doctor, "_LEAST_FREE", 10**18)
        assert "MB are left on the disk" in said(capsys)

    def test_keys_that_others_may_read(self, db: None, own_folder: Path, capsys: Printed) -> None:
        (own_folder / "secrets.key").touch()
        assert "secrets.key can be read by others" in said(capsys)


class TestSettings:
    def test_an_address_that_is_not_answered_to(
        self, db: None, settings: Settings, capsys: Printed
    ) -> None:
        settings.BASE_URL = "https://mail.clarte.example"
        settings.ALLOWED_HOSTS = ["localhost"]
        assert "which RELANCE_HOSTS does not list" in said(capsys)

    def test_one_that_is_answered_to(self, db: None, settings: Settings) -> None:
        settings.BASE_URL = "https://mail.clarte.example:8443"
        settings.ALLOWED_HOSTS = [".clarte.example"]
        assert doctor.run() == 0

    def test_a_slip_of_the_pen(
        self, db: None, monkeypatch: pytest.MonkeyPatch, capsys: Printed
    ) -> None:
        monkeypatch.setenv("RELANCE_" + "DATAS", "/srv/relance")
        assert "Did you mean RELANCE_DATA?" in said(capsys)


def test_a_clock_that_went_back(db: None, capsys: Printed) -> None:
    recorder = MigrationRecorder.Migration
    recorder.objects.filter(app="mail").update(applied=clock.now() + timedelta(days=1))
    assert "The clock of this machine is behind" in said(capsys)


class TestMailboxes:
    def test_one_whose_login_is_refused(self, account: MailAccount, capsys: Printed) -> None:
        MailAccount.objects.update(state=MailAccount.State.AUTH_ERROR)
        assert "camille@clarte.example: the server refuses the login" in said(capsys)

    def test_one_that_nobody_synchronises(self, account: MailAccount, capsys: Printed) -> None:
        MailAccount.objects.update(synced_at=clock.now() - timedelta(hours=3))
        assert "not synchronised for two hours" in said(capsys)

    def test_one_that_was_disconnected_is_not_mentioned(self, account: MailAccount) -> None:
        old = clock.now() - timedelta(days=90)
        MailAccount.objects.update(state=MailAccount.State.DISCONNECTED, synced_at=old)
        assert doctor.run() == 0


class TestJobs:
    @pytest.mark.parametrize("state", [Outgoing.State.QUEUED, Outgoing.State.RETRYING])
    def test_mails_that_nobody_sends(
        self, account: MailAccount, state: str, capsys: Printed
    ) -> None:
        self.mail(account, state)
        assert "Mails to send for more than ten minutes: 1." in said(capsys)

    def test_one_that_is_to_be_tried_later_is_not_late(self, account: MailAccount) -> None:
        mail = self.mail(account, Outgoing.State.RETRYING)
        mail.next_try_at = clock.now() + timedelta(minutes=5)
        mail.save()
        assert doctor.run() == 0

    @pytest.mark.parametrize("state", [Outgoing.State.SENT, Outgoing.State.FAILED])
    def test_one_whose_fate_is_known_waits_for_nobody(
        self, account: MailAccount, state: str
    ) -> None:
        self.mail(account, state)
        assert doctor.run() == 0

    def mail(self, account: MailAccount, state: str) -> Outgoing:
        return Outgoing.objects.create(
            account=account,
            author=account.owner,
            message_id="one@clarte.example",
            text="Bonjour",
            state=state,
            queued_at=clock.now() - timedelta(hours=1),
        )


def test_what_cannot_be_known_is_not_said_to_be_well(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    def fail() -> None:
        raise DatabaseError("no such table: mail_outgoing")

    monkeypatch.setitem(doctor._CHECKS, "jobs", fail)

    assert "?    jobs\n     This cannot be known: no such table" in said(capsys)
