"""The command line: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from relance.mail import secrets
from relance.mail.models import MailAccount
from relance.site import commands, web
from relance.site.cli import main
from relance.users.models import OneTimeLink, Organisation, User

Printed = pytest.CaptureFixture[str]


def account(owner: User, address: str, password: str) -> MailAccount:
    return MailAccount.objects.create(
        owner=owner,
        address=address,
        imap_host="imap.clarte.example",
        imap_username=address,
        imap_password=password,
        smtp_host="smtp.clarte.example",
        smtp_password=password,
        sharing=MailAccount.Sharing.PRIVATE,
    )


@pytest.fixture
def camille(db: None) -> User:
    return User.objects.create_user("camille@clarte.example")


class TestPorts:
    def test_the_next_free_one_is_taken(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            assert port < web.free_port("127.0.0.1", port, insist=False) < port + web.PORTS_TRIED

    def test_one_that_was_named_must_be_free(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(web.CannotListen, match=f"port {port} of 127.0.0.1 is taken"):
                web.free_port("127.0.0.1", port, insist=True)

    def test_an_address_of_another_machine_is_refused(self) -> None:
        with pytest.raises(web.CannotListen, match="not an address of this machine"):
            web.free_port("192.0.2.1", 8000, insist=False)

    @pytest.mark.parametrize("port", ["99999", "0", "-1", "http"])
    def test_what_is_no_port_is_refused(self, port: str, capsys: Printed) -> None:
        with pytest.raises(SystemExit) as end:
            main(["serve", "--port", port])
        assert end.value.code == 2
        assert "is not a port" in capsys.readouterr().err or port == "-1"


class TestUsers:
    def test_one_who_is_added_gets_a_link(self, db: None, capsys: Printed) -> None:
        assert main(["user", "add", "Jean@Clarte.example", "--role", "manager"]) == 0

        jean = User.objects.get(email="jean@clarte.example")
        found = re.search(r"/welcome/(\S+)/", capsys.readouterr().out)
        assert found is not None
        link = OneTimeLink.find(OneTimeLink.Purpose.INVITATION, found[1])
        assert link is not None
        assert (link.user, jean.role) == (jean, User.Role.MANAGER)
        assert not jean.has_usable_password()

    def test_the_link_is_whole_where_the_address_is_known(
        self, camille: User, settings: Settings, capsys: Printed
    ) -> None:
        settings.BASE_URL = "https://mail.clarte.example"
        main(["user", "link", camille.email])
        assert "https://mail.clarte.example/welcome/" in capsys.readouterr().out

    def test_nobody_is_added_twice(self, camille: User, capsys: Printed) -> None:
        assert main(["user", "add", camille.email.upper()]) == 2
        assert "is a user already" in capsys.readouterr().err
        assert User.objects.count() == 1

    @pytest.mark.parametrize("email", ["", "jean", "jean@", "jean@clarte..example", "a b@c.d"])
    def test_what_is_no_address_is_refused(self, db: None, email: str, capsys: Printed) -> None:
        assert main(["user", "add", email]) == 2
        assert "e-mail address" in capsys.readouterr().err
        assert not User.objects.exists()

    def test_one_who_left_gets_no_link(self, camille: User, capsys: Printed) -> None:
        User.objects.update(is_active=False)
        assert main(["user", "link", camille.email]) == 2
        assert "no active user camille@clarte.example" in capsys.readouterr().err

    def test_they_are_listed(self, camille: User, capsys: Printed) -> None:
        main(["user", "list"])
        assert capsys.readouterr().out == "camille@clarte.example\tmember\tactive\n"


class TestRotatingSecrets:
    @pytest.fixture(autouse=True)
    def keys(self, settings: Settings, tmp_path: Path) -> Path:
        settings.SECRETS_FILE = str(tmp_path / "secrets.key")
        return tmp_path / "secrets.key"

    def test_the_newest_key_alone_opens_them_after(
        self, camille: User, keys: Path, capsys: Printed
    ) -> None:
        one = account(camille, camille.email, "open sesame")
        newest = Fernet.generate_key()
        keys.write_bytes(newest + b"\n" + keys.read_bytes())

        assert main(["rotate-secrets"]) == 0

        assert "Older keys may be removed" in capsys.readouterr().out
        keys.write_bytes(newest)
        secrets.forget_keys()
        one.refresh_from_db()
        assert (one.imap_password, one.smtp_password) == ("open sesame", "open sesame")

    def test_one_that_no_key_opens_is_kept_for_the_day_its_key_is_found(
        self, camille: User, keys: Path, capsys: Printed
    ) -> None:
        one = account(camille, camille.email, "open sesame")
        lost = keys.read_bytes()
        keys.write_bytes(Fernet.generate_key())

        assert main(["rotate-secrets"]) == 1
        assert "2 passwords open with none of the keys" in capsys.readouterr().out

        keys.write_bytes(lost)
        secrets.forget_keys()
        one.refresh_from_db()
        assert one.imap_password == "open sesame"


class TestDemo:
    @pytest.fixture(autouse=True)
    def nothing_runs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_DATA", str(tmp_path))

        def run(*_: object) -> None:
            raise AssertionError("it went on")

        monkeypatch.setattr("relance.demo.world.build", run)

    def test_it_leaves_a_real_house_alone(self, db: None, capsys: Printed) -> None:
        Organisation.objects.create(name="Clarté")
        assert main(["demo"]) == 2
        assert "the demo will not touch it" in capsys.readouterr().err

    def test_only_a_demo_is_started_over(self, tmp_path: Path, capsys: Printed) -> None:
        (tmp_path / "letter.txt").write_text("precious")

        assert main(["demo", "--reset"]) == 2

        assert "is not a demo world; nothing was removed" in capsys.readouterr().err
        assert (tmp_path / "letter.txt").read_text() == "precious"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as it starts."""
    return subprocess.run(
        [sys.executable, "-m", "relance.site.cli", *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": environment.pop("HOME"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestStarting:
    def test_a_setting_that_cannot_be_used_is_told_without_a_trace(self, tmp_path: Path) -> None:
        done = run("doctor", HOME=str(tmp_path), RELANCE_LOG_LEVEL="loud")
        assert done.returncode == 2
        assert done.stderr.startswith("relance: RELANCE_LOG_LEVEL is 'LOUD'")
        assert "Traceback" not in done.stderr

    def test_a_database_that_does_not_answer_is_told_without_a_trace(self, tmp_path: Path) -> None:
        url = "postgres://relance@127.0.0.1:1/relance"
        done = run("migrate", HOME=str(tmp_path), RELANCE_DATABASE_URL=url)
        assert done.returncode == 2
        assert "cannot be brought to this version" in done.stderr
        assert "Traceback" not in done.stderr

    def test_what_it_keeps_is_for_its_user_alone(self, tmp_path: Path) -> None:
        assert run("migrate", HOME=str(tmp_path)).returncode == 0
        kept = tmp_path / ".local/share/relance"
        files = [path for path in (kept, *kept.iterdir()) if path.name != "static"]
        assert kept / "relance.sqlite3" in files
        assert [path.name for path in files if path.stat().st_mode & 0o077] == []

    def test_help_needs_no_django(self) -> None:
        code = (
            "import sys; from relance.site import cli\n"
            "try: cli.main(['--help'])\n"
            "except SystemExit: print('django' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.rstrip().endswith("False")


def test_every_command_is_documented(capsys: Printed) -> None:
    told = Path("docs/admin/commands.md").read_text()
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = set(re.findall(r"^ {4}([a-z-]+)\s{2,}", capsys.readouterr().out, re.MULTILINE))
    functions: dict[str, Callable[..., int]] = vars(commands)

    assert listed == {name for name in listed if f"relance {name}" in told}
    assert listed == {name for name in listed if name.replace("-", "_") in functions}
    assert {"serve", "web", "jobs", "sync", "demo", "doctor", "user"} <= listed
