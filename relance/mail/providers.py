"""Mail providers as the set-up wizard shows them."""

from __future__ import annotations

from dataclasses import dataclass

from relance.mail import accounts
from relance.users.models import Organisation
from relance.wire import providers as table
from relance.wire.providers import CUSTOM, Proposal, Provider

__all__ = ["CUSTOM", "Proposal", "Provider", "Settings", "by_id", "propose", "tiles"]
by_id = table.by_id


@dataclass(frozen=True, slots=True)
class Settings:
    """Servers to pre-fill; empty hosts where nothing is known. `reason` is "oauth_required" when
    no password will do."""

    provider: str
    imap_host: str = ""
    imap_port: int = 993
    imap_security: str = "tls"
    imap_username: str = ""
    smtp_host: str = ""
    smtp_port: int = 465
    smtp_security: str = "tls"
    smtp_username: str = ""
    reason: str = ""


def tiles() -> list[Provider]:
    """The providers to offer: those reached by IMAP, and the manual form last."""
    return [p for p in table.tiles() if p.imap or p.id == CUSTOM]


def propose(address: str, provider_id: str) -> Settings:
    """What to pre-fill for that address at that provider; looks outside only for an unknown one,
    and only where the administrator allows it."""
    chosen = by_id(provider_id)
    if chosen is not None:
        return _settings(
            Proposal(
                address,
                "table",
                chosen,
                imap=next(iter(chosen.imap), None),
                smtp=next(iter(chosen.smtp), None),
                reason=chosen.refusal,
            )
        )
    organisation = Organisation.current()
    lookup = bool(organisation and organisation.look_up_servers and not organisation.is_demo)
    return _settings(table.for_address(address, lookup=lookup, guard=accounts.guard()))


def _settings(found: Proposal) -> Settings:
    imap, smtp = found.imap, found.smtp
    return Settings(
        provider=found.provider.id if found.provider else CUSTOM,
        imap_host=imap.host if imap else "",
        imap_port=imap.port if imap else 993,
        imap_security=imap.security if imap else "tls",
        imap_username=found.imap_username,
        smtp_host=smtp.host if smtp else "",
        smtp_port=smtp.port if smtp else 465,
        smtp_security=smtp.security if smtp else "tls",
        smtp_username=found.smtp_username,
        reason=found.reason,
    )
