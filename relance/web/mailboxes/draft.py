"""A mailbox that is being set up: what was typed waits in the session.

Passwords wait there encrypted with the key kept outside the database, until the mailbox is saved
or the wizard is begun anew. Nothing else is written before the end.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from relance.mail import accounts, providers, secrets

_KEY = "mailbox_setup"
_SECRETS = ("password", "smtp_password")
_SERVER = ("host", "port", "security", "username")
_APP_PASSWORD = frozenset({"app_password", "mailbox_or_app"})


class Draft:
    """What the wizard knows so far."""

    def __init__(self, session: SessionBase) -> None:
        self.session = session
        self.values: dict[str, Any] = session.get(_KEY, {})

    def keep(self, **values: Any) -> None:
        """Add to what is known; a password is encrypted, an empty one changes nothing."""
        for name in _SECRETS:
            if values.get(name):
                values[name] = secrets.encrypt(values[name])
            else:
                values.pop(name, None)
        self.values = {**self.values, **values}
        self.session[_KEY] = self.values

    def forget(self) -> None:
        self.session.pop(_KEY, None)

    def done(self, step: str) -> bool:
        return bool(self.values.get(f"{step}_done"))

    @property
    def provider(self) -> providers.Provider | None:
        """The provider chosen or found; none for servers given by hand."""
        return providers.by_id(self.values.get("provider", providers.CUSTOM))

    def choose(self, provider_id: str) -> None:
        """Another tile replaces all that was proposed after the last one."""
        self.keep(provider=provider_id, chosen=provider_id, provider_done=True, proposed_for="")

    def keep_login(self, *, sender_name: str, address: str, password: str) -> str:
        """Who and with which secret; the servers are proposed anew when the address is another.

        Returns why this address cannot be connected, a code of the wire, or "".
        """
        if self.values.get("proposed_for") != address:
            found = providers.propose(address, self.values.get("chosen", providers.CUSTOM))
            if found.reason:
                return found.reason
            self._keep_proposal(found, address)
        if self.provider and self.provider.password in _APP_PASSWORD:
            password = without_spaces(password)
        self.keep(
            sender_name=sender_name,
            address=address,
            password=password,
            credentials_done=True,
            servers_done=False,
        )
        return ""

    def _keep_proposal(self, found: providers.Settings, address: str) -> None:
        servers = {
            f"{side}_{field}": getattr(found, f"{side}_{field}")
            for side in ("imap", "smtp")
            for field in _SERVER
        }
        self.keep(
            **servers,
            provider=found.provider,
            smtp_same_login=found.smtp_username == found.imap_username,
            proposed_for=address,
        )

    def settings(self) -> accounts.Settings:
        """As the mailbox would be saved."""
        names = [n for n in accounts.Settings.__slots__ if n in self.values and n not in _SECRETS]
        plain = {name: self.values[name] for name in names}
        same = bool(plain.get("smtp_same_login", True))
        plain["excluded_domains"] = tuple(self.values.get("excluded_domains", ()))
        plain.setdefault("sharing", "")
        return accounts.Settings(
            **plain,
            imap_password=self._secret("password"),
            smtp_password="" if same else self._secret("smtp_password"),
        )

    def _secret(self, name: str) -> str:
        token = self.values.get(name)
        return secrets.decrypt(token) if token else ""


def without_spaces(password: str) -> str:
    """Providers show app passwords in groups of four; the groups are pasted along."""
    compact = "".join(password.split())
    return compact if len(compact) == 16 and compact.isalnum() else password
