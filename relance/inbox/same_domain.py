"""Who writes from an account's domain, and is no contact yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from relance.addresses.models import EmailAddress
from relance.crm.models import Company, CompanyAddress, PersonAddress
from relance.inbox.visibility import visible_copies
from relance.mail.models import Participant
from relance.users.models import User

_MOST_ADDRESSES = 200
_MOST_MAILS = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """An address that wrote to the viewer, and the name it gave itself."""

    address: str
    name: str


def unknown_senders(viewer: User, company: Company, *, limit: int = 5) -> list[Sender]:
    """Those whose mail the viewer sees, whoever wrote last first. Two queries."""
    if not company.domain:
        return []
    persons = PersonAddress.objects.filter(address=OuterRef("pk"), person__deleted_at=None)
    own = CompanyAddress.objects.filter(address=OuterRef("pk"))
    unknown = EmailAddress.objects.filter(domain=company.domain, erased_at=None).exclude(
        Exists(persons) | Exists(own)
    )
    keys = list(unknown.values_list("pk", flat=True)[:_MOST_ADDRESSES])
    if not keys:
        return []
    wrote = Participant.objects.filter(address__in=keys, role=Participant.Role.FROM)
    seen = wrote.filter(Exists(visible_copies(viewer).filter(message=OuterRef("message"))))
    rows = seen.order_by("-message_id").values_list("address__address", "name")[:_MOST_MAILS]
    found: dict[str, Sender] = {}
    for address, name in rows:
        found.setdefault(address, Sender(address, name))
    return list(found.values())[:limit]
