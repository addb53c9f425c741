"""A world for the browser tests, in a data folder of its own, changed from outside the server.

`python -m tests.browser.world build|receive|won|…` runs in a process of its own, as the
synchronisation does beside the pages.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from datetime import timedelta
from typing import Any

XSS = (
    "<p>Bonjour <b>Camille</b>,</p>"
    "<script>parent.document.title='FIRED'; fetch('/fired/')</script>"
    "<img src=x onerror=\"parent.document.title='FIRED'\">"
    "<svg onload=\"parent.document.title='FIRED'\"></svg>"
    "<a href=\"javascript:parent.document.title='FIRED'\">lien</a>"
    '<img src="/fired/image.png"><img src="http://127.0.0.1:9/remote.png">'
    "<form action='/fired/'><button>ok</button></form>"
    "<div style='position:fixed;inset:0;background:url(/fired/css.png)'>par-dessus</div>"
)


def _ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")
    import django

    django.setup()


def build() -> dict[str, Any]:
    """Migrate and fill; returns what a test needs to log in."""
    from django.core.management import call_command

    from relance.lib import clock
    from relance.users.models import Organisation, User
    from tests.inbox import builders as b

    call_command("migrate", verbosity=0)
    Organisation.objects.create(name="Clarté")
    b.START = clock.now() - timedelta(hours=5)
    camille = User.objects.create_user(
        "camille@clarte.example", first_name="Camille", last_name="Laurent", language="en"
    )
    mailbox = b.account(camille)
    for n in range(40):
        b.receive(
            mailbox, sender=f"u{n}@other{n % 5}.example", name=f"Stranger {n}", seen=n % 2 > 0
        )
    eloise = b.person(camille, "eloise@meunier.example", first_name="Éloïse", last_name="Garnier")
    b.deal(camille, eloise, name="Entrepôt", amount=48000)
    b.receive(mailbox, sender="eloise@meunier.example", name="Éloïse Garnier", subject="Le quai")
    b.receive(mailbox, sender="hugo@clarte.example", name="Hugo Marchand", subject="Stock")
    nasty = b.receive(mailbox, sender="evil@bad.example", name="Evil", subject="Nasty one")
    _html(nasty, XSS)
    text = "Nous rénovons notre hôtel.\n\n-- \nMarion Petit\nDirectrice technique\n04 00 00 00 77"
    marion = {"sender": "marion@belle-rive.example", "name": "Marion Petit"}
    b.receive(mailbox, **marion, subject="Le hall", text=text)
    return {"session": _session(camille)}


def _html(copy: Any, html: str) -> None:
    from relance.mail.models import MessageBody

    MessageBody.objects.filter(message=copy.message).update(html=html)


def _session(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    assert store.session_key
    return store.session_key


def receive(sender: str, name: str, subject: str) -> dict[str, Any]:
    """A mail arrives now."""
    from relance.lib import clock
    from relance.mail.models import MailAccount
    from tests.inbox import builders as b

    first = 1_000_000 + clock.now().microsecond  # beside the numbers the world was built with
    b._numbers = itertools.count(first)
    b.START = clock.now() - timedelta(minutes=first)
    copy = b.receive(MailAccount.objects.get(), sender=sender, name=name, subject=subject)
    return {"thread": copy.thread_id}


def main(arguments: list[str]) -> None:
    _ready()
    verb = {"build": build, "receive": receive}[arguments[0]]
    print(json.dumps(verb(*arguments[1:])))


if __name__ == "__main__":
    main(sys.argv[1:])
