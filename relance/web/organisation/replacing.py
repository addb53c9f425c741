"""Mail placed anew after a change of who counts as a colleague."""

from __future__ import annotations

from django.db.models import Q

from relance.addresses.models import CompanyDomain, EmailAddress
from relance.inbox import streams
from relance.mail.models import MailAccount


def domain_changed(domain: CompanyDomain) -> None:
    """The mail of this domain's addresses, in every mailbox."""
    inside = Q(domain=domain.domain)
    if domain.include_subdomains:
        inside |= Q(domain__endswith=f".{domain.domain}")
    streams.replace_addresses(set(EmailAddress.objects.filter(inside).values_list("pk", flat=True)))


def user_changed(email: str) -> None:
    """The mail of an address that is a user's now."""
    rows = EmailAddress.objects.filter(address=email.lower())
    streams.replace_addresses(set(rows.values_list("pk", flat=True)))


def order_changed() -> None:
    """All mail: the order of the rules is another."""
    for account in MailAccount.objects.all():
        streams.replace_account(account)
