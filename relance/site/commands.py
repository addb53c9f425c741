"""What each command does. Each takes the parsed options and returns an exit status."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import django

from relance.site import web as pages
from relance.site.supervisor import Child, Supervisor

if TYPE_CHECKING:
    from relance.users.models import User

_DEMO = ".relance-demo"
_SECRETS = ("imap_password", "smtp_password")


class Refused(Exception):
    """The command cannot be done; the text says why, and what to do."""


def serve(options: argparse.Namespace) -> int:
    """Migrate, then run the whole tree until it is told to stop."""
    _ready()
    port = _port(options)
    words = _where(options.host, port)
    return _tree(options.host, port).run(_once_up(options.host, port, words))


def web(options: argparse.Namespace) -> int:
    _set_up()
    pages.run(options.host, _port(options))
    return 0


def jobs(_options: argparse.Namespace) -> int:
    _set_up()
    from relance.site import schedule

    schedule.run()
    return 0


def sync(_options: argparse.Namespace) -> int:
    _set_up()
    from relance.mail.sync import process

    process.run()
    return 0


def migrate(_options: argparse.Namespace) -> int:
    _ready(loud=True)
    return 0


def doctor(_options: argparse.Namespace) -> int:
    _set_up()
    from relance.site import doctor as checks

    return checks.run()


def rotate_secrets(_options: argparse.Namespace) -> int:
    """Write every mailbox secret again: the newest key encrypts, the older ones still read.

    A secret that none of the keys opens is left as it is, for the day its key is found.
    """
    _set_up()
    from django.db import transaction

    from relance.mail import secrets
    from relance.mail.models import MailAccount

    secrets.forget_keys()
    with transaction.atomic():
        accounts = list(MailAccount.objects.select_for_update())
        for account in accounts:
            readable = [name for name in _SECRETS if getattr(account, name)]
            account.save(update_fields=readable)
        lost = sum(
            not getattr(account, name)
            for name in _SECRETS
            for account in MailAccount.objects.exclude(**{name: ""})
        )
    print(f"{len(accounts)} mailboxes now use the newest key.")
    if lost:
        print(f"{lost} passwords open with none of the keys; put their key back and try again.")
        return 1
    print("Older keys may be removed.")
    return 0


def user(options: argparse.Namespace) -> int:
    """List the users, add one, or make a link with which one chooses a password."""
    _ready()
    from django.conf import settings

    from relance.users import team
    from relance.users.models import User

    if options.action == "list":
        for one in User.objects.order_by("email"):
            print(f"{one.email}\t{one.role}\t{'active' if one.is_active else 'deactivated'}")
        return 0
    email = options.email.strip().lower()
    found = User.objects.filter(email=email).first()
    if options.action == "add":
        token = team.invite(_newcomer(email, options.role, exists=found is not None))
    elif found is None or not found.is_active:
        raise Refused(f"there is no active user {email or 'without an address'}")
    else:
        token = team.new_link(found)
    days = team.INVITATION_HOURS // 24
    print(f"A link for {email}, good once, for {days} days:")
    print(f"{settings.BASE_URL}/welcome/{token}/")
    return 0


def _newcomer(email: str, role: str, *, exists: bool) -> User:
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from relance.users.models import User

    if exists:
        raise Refused(f"{email} is a user already; `relance user link {email}` lets them in")
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(
            "give the user's e-mail address, as in: relance user add jean@clarte.example"
        ) from error
    return User(email=email, role=role)


def demo(options: argparse.Namespace) -> int:
    """The demo world: its own data folder, its own mail server, nothing leaves the machine."""
    data = Path(os.environ.get("RELANCE_DATA") or _DEMO).expanduser().absolute()
    if options.reset and data.exists():
        if data.name != _DEMO and not (data / "demo.json").exists():
            raise Refused(f"{data} is not a demo world; nothing was removed")
        shutil.rmtree(data)
    os.environ["RELANCE_DATA"] = str(data)
    _ready()
    from relance.demo import server, world

    _refuse_a_real_house()
    world.build(data)
    imap_port, smtp_port = world.settle_ports(data)
    port = _port(options)
    words = _welcome(options.host, port, world.primary_email())
    tree = _tree(options.host, port)
    for child in tree.children:
        if child.name == "sync":
            child.work = _once_listening(imap_port, child.work)
    mail = Child("mail server", lambda: server.run(data, imap_port, smtp_port))
    tree.children.insert(0, mail)
    return tree.run(_once_up(options.host, port, words))


def _refuse_a_real_house() -> None:
    """The demo fills a house of its own, never one where people work."""
    from relance.users.models import Organisation

    organisation = Organisation.current()
    if organisation is not None and not organisation.is_demo:
        raise Refused(
            "this database is of a real organisation, and the demo will not touch it; "
            "leave RELANCE_DATA and RELANCE_DATABASE_URL out, or set others"
        )


def _once_listening(port: int, work: Callable[[], object]) -> Callable[[], object]:
    """`work`, begun when somebody listens on that port (or after ten seconds all the same)."""

    def run() -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until and not pages.answers("127.0.0.1", port):
            time.sleep(0.05)
        work()

    return run


def _tree(host: str, port: int) -> Supervisor:
    from relance.mail.sync import process
    from relance.site import asgi, schedule

    _ = asgi.application  # loaded here, shared by the children
    _close_connections()
    return Supervisor(
        [
            Child("web", lambda: pages.run(host, port)),
            Child("jobs", schedule.run),
            Child("sync", process.run),
        ]
    )


def _set_up() -> None:
    django.setup(set_prefix=False)


def _ready(*, loud: bool = False) -> None:
    """Django set up and the database at this version."""
    _set_up()
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", interactive=False, verbosity=1 if loud else 0)
    except DatabaseError as error:
        raise Refused(f"the database cannot be brought to this version: {error}") from error


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _port(options: argparse.Namespace) -> int:
    from relance.site.cli import PORT

    insist = options.port is not None
    try:
        return pages.free_port(options.host, options.port or PORT, insist=insist)
    except pages.CannotListen as reason:
        raise Refused(str(reason)) from reason


def _once_up(host: str, port: int, words: str) -> Callable[[], bool]:
    """Prints `words` when pages are served, so that a link works as soon as it is read."""

    def announce() -> bool:
        if not pages.answers(_reached(host), port):
            return False
        print(words, flush=True)
        return True

    return announce


def _reached(host: str) -> str:
    """How this machine reaches a host to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (not bound)


def _address(host: str, port: int) -> str:
    from django.conf import settings

    reached = _reached(host)
    shown = f"[{reached}]" if ":" in reached else reached
    return settings.BASE_URL or f"http://{shown}:{port}"


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _where(host: str, port: int) -> str:
    """Where to go, and the way in when nobody has been in yet."""
    from relance.users.models import OneTimeLink, Organisation

    address = _address(host, port)
    lines = [f"Relance listens on {address}"]
    if not _is_loopback(host) and not os.environ.get("RELANCE_HOSTS"):
        lines.append("It answers to this machine alone until RELANCE_HOSTS names it as others do.")
    if Organisation.current() is None:
        token = OneTimeLink.issue(OneTimeLink.Purpose.SETUP)
        lines.append(f"Begin here (this link works once):\n  {address}/welcome/{token}/")
    return "\n".join(lines)


def _welcome(host: str, port: int, email: str) -> str:
    from relance.users.models import OneTimeLink, User

    token = OneTimeLink.issue(OneTimeLink.Purpose.LOGIN, User.objects.get(email=email))
    return (
        "The demo world is open (this link works once):\n"
        f"  {_address(host, port)}/welcome/{token}/\n"
        "Nothing leaves this machine. Ctrl-C stops it; running it again keeps it."
    )
