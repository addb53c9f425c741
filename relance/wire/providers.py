"""Known mail providers, and the settings to propose for an address.

The table is ``providers.json``: facts only. Look-ups outside happen only when the administrator
allows them, in this order: table, the domain's own configuration file, its SRV records, its MX
host in the table, and then the user's own hands.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal, cast

from relance.wire import autoconfig
from relance.wire.endpoints import Endpoint
from relance.wire.guard import Guard

PasswordKind = Literal[
    "mailbox", "mailbox_or_app", "app_password", "bridge_password", "oauth2_only"
]
Source = Literal["table", "autoconfig", "well-known", "srv", "mx", "manual"]

CUSTOM: Final = "custom"


@dataclass(frozen=True)
class Provider:
    """One provider. The first endpoint of each kind is the one to propose.

    ``password`` tells which secret its servers take; ``saves_sent``: it files what one submits in
    Sent by itself; ``public``: anybody can have an address there; ``hints``: words for the form,
    such as ``enable_imap`` and ``host_varies``.
    """

    id: str
    name: str
    country: str = ""
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    public: bool = False
    password: PasswordKind = "mailbox"
    saves_sent: bool = False
    hints: tuple[str, ...] = ()
    app_password_url: str = ""
    help_url: str = ""
    imap: tuple[Endpoint, ...] = ()
    pop3: tuple[Endpoint, ...] = ()
    smtp: tuple[Endpoint, ...] = ()
    source: str = ""

    @property
    def refusal(self) -> str:
        """Why a password cannot connect this provider: ``oauth_required``, or nothing."""
        return "oauth_required" if self.password == "oauth2_only" else ""


@dataclass(frozen=True)
class Proposal:
    """Settings to propose for one address; without endpoints the user types them.

    ``reason`` is ``oauth_required`` when no password will do.
    """

    address: str
    source: Source
    provider: Provider | None = None
    imap: Endpoint | None = None
    smtp: Endpoint | None = None
    reason: str = ""

    @property
    def imap_username(self) -> str:
        """The login for the incoming server."""
        return self.imap.login_of(self.address) if self.imap else self.address

    @property
    def smtp_username(self) -> str:
        """The login for the outgoing server."""
        return self.smtp.login_of(self.address) if self.smtp else self.address


@functools.cache
def _table() -> tuple[tuple[Provider, ...], tuple[str, ...]]:
    text = files("relance.wire").joinpath("providers.json").read_text("utf-8")
    document = json.loads(text)
    return tuple(map(_provider, document["providers"])), tuple(document["tiles"])


def _provider(row: dict[str, object]) -> Provider:
    values = dict(row)
    for kind in ("imap", "pop3", "smtp"):
        rows = cast(list[dict[str, str | int]], values[kind])
        values[kind] = tuple(Endpoint(**one) for one in rows)  # type: ignore[arg-type]
    for name in ("domains", "mx", "hints"):
        values[name] = tuple(cast(list[str], values[name]))
    return Provider(**values)  # type: ignore[arg-type]


def all_providers() -> tuple[Provider, ...]:
    """Return the whole table."""
    return _table()[0]


def tiles() -> tuple[Provider, ...]:
    """Return the providers to offer as tiles, the popular ones first, ``custom`` last."""
    known = {provider.id: provider for provider in all_providers()}
    custom = Provider(id=CUSTOM, name="IMAP / SMTP")
    return (*(known[name] for name in _table()[1]), custom)


def by_id(provider_id: str) -> Provider | None:
    """Return a provider by its id."""
    return next((one for one in all_providers() if one.id == provider_id), None)


@functools.cache
def _by_domain() -> dict[str, Provider]:
    return {domain: one for one in reversed(all_providers()) for domain in one.domains}


def by_domain(domain: str) -> Provider | None:
    """Return the provider that gives out addresses in this very domain."""
    return _by_domain().get(domain.strip().rstrip(".").lower())


def by_mx(host: str) -> Provider | None:
    """Return the provider whose mail exchangers end so, the longest suffix first."""
    name = host.strip().rstrip(".").lower()
    fits = [
        (len(suffix), one)
        for one in all_providers()
        for suffix in one.mx
        if name == suffix or name.endswith(f".{suffix}")
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def for_address(address: str, *, lookup: bool, guard: Guard) -> Proposal:
    """Return the settings to propose; never raises for what it cannot find.

    ``lookup`` allows questions to the outside: without it only the table is used.
    """
    address = _ascii_domain(address.strip())
    domain = address.rpartition("@")[2]
    if provider := by_domain(domain):
        return _from_table(address, provider, "table")
    if lookup and "." in domain:
        return _looked_up(address, guard) or Proposal(address, "manual")
    return Proposal(address, "manual")


def _ascii_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.lower().encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _from_table(address: str, provider: Provider, source: Source) -> Proposal:
    return Proposal(
        address,
        source,
        provider,
        imap=next(iter(provider.imap), None),
        smtp=next(iter(provider.smtp), None),
        reason=provider.refusal,
    )


def _looked_up(address: str, guard: Guard) -> Proposal | None:
    if found := autoconfig.from_own_host(address, guard):
        return _from_found(address, found, "autoconfig")
    if found := autoconfig.from_well_known(address, guard):
        return _from_found(address, found, "well-known")
    if found := autoconfig.from_srv(address):
        return _from_found(address, found, "srv")
    for host in autoconfig.mx_hosts(address.rpartition("@")[2]):
        if provider := by_mx(host):
            return _from_table(address, provider, "mx")
    return None


def _from_found(address: str, found: autoconfig.Found, source: Source) -> Proposal:
    same = [one for one in all_providers() if found.imap.host in {e.host for e in one.imap}]
    oauth_only = found.oauth_only or any(one.refusal for one in same[:1])
    return Proposal(
        address,
        source,
        provider=same[0] if same else None,
        imap=found.imap,
        smtp=found.smtp,
        reason="oauth_required" if oauth_only else "",
    )
