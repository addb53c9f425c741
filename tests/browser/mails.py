"""Mails on their way and documents for the browser tests, made beside a running server.

`python -m tests.browser.mails write|settle|documents …` runs in a process of its own.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

from tests.browser import world


def write(state: str, subject: str, hours: str = "0", **fields: Any) -> dict[str, Any]:
    """A mail of the world's user in that state, `hours` from now."""
    from relance.addresses import book
    from relance.lib import clock
    from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient

    account = MailAccount.objects.select_related("owner").get()
    at = clock.now() + timedelta(hours=float(hours))
    address = "e.garnier@meunier.example"
    person = {"name": "Éloïse Garnier", "address": address, "record": ""}
    mail = Outgoing.objects.create(
        account=account,
        author=account.owner,
        subject=subject,
        text="Bonjour Éloïse, voici le devis révisé.",
        html="<div>Bonjour Éloïse, voici le devis révisé.</div>",
        message_id=f"{subject.replace(' ', '-').lower()}@clarte.example",
        state=state,
        people={"to": [person], "cc": [], "bcc": []},
        queued_at=at,
        scheduled_at=at if state in ("scheduled", "held") else None,
        next_try_at=at if state in ("scheduled", "queued", "retrying") else None,
        sent_at=at if state == "sent" else None,
        time_zone="Europe/Paris",
        **fields,
    )
    if state != "draft":
        OutgoingRecipient.objects.create(
            outgoing=mail,
            address_id=book.ids_for([address])[address],
            name="Éloïse Garnier",
            state="accepted" if state == "sent" else "waiting",
        )
    return {"id": mail.pk}


def several() -> dict[str, Any]:
    """One of each kind."""
    from relance.mail.models import Bounce, Outgoing, OutgoingRecipient

    write("draft", "A draft")
    write("scheduled", "Next week", "170")
    write("held", "Held one", "-1", reason={"code": "may_not_send"})
    write("uncertain", "Uncertain one", error_code="disconnected")
    write("retrying", "Put off", "1", error_code="quota", attempts=2)
    returned = Outgoing.objects.get(pk=write("sent", "Came back", "-1")["id"])
    recipient = OutgoingRecipient.objects.get(outgoing=returned)
    recipient.state = "bounced"
    recipient.save()
    Bounce.objects.create(
        recipient=recipient,
        original_message_id=returned.message_id,
        address=recipient.address,
        kind="hard",
        cause="no_such_user",
        status="5.1.1",
    )
    return write("queued", "In its window", "0.1")


def settle(key: str) -> dict[str, Any]:
    """What a worker does when it finds an uncertain mail in Sent."""
    from relance.mail import outbox
    from relance.users.models import User

    return {"done": outbox.mark_gone(int(key), User.objects.get())}


def state(key: str) -> dict[str, Any]:
    from relance.mail.models import Outgoing

    found = Outgoing.objects.filter(pk=int(key)).first()
    return {"state": found.state if found else ""}


def documents() -> dict[str, Any]:
    """Three documents in a folder; two of them do not fit one mail together."""
    from relance.files import filing
    from relance.files.library import Library
    from relance.users.models import User

    library = Library(User.objects.get())
    folder = filing.create_folder(library, "Catalogues", access="read")
    filing.add(library, b"s" * 200_000, "small.pdf", folder=folder)
    filing.add(library, b"l" * 6_000_000, "large.pdf", folder=folder)
    filing.add(library, b"m" * 6_000_001, "larger.xlsx")
    return {"folder": folder.pk, "draft": write("draft", "With documents")["id"]}


def main(arguments: list[str]) -> None:
    world._ready()
    verbs = {"write": write, "several": several, "settle": settle, "state": state}
    verb = {**verbs, "documents": documents}[arguments[0]]
    print(json.dumps(verb(*arguments[1:])))


if __name__ == "__main__":
    main(sys.argv[1:])
