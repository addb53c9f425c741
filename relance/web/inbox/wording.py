"""The inbox's decisions in words: columns, and why a conversation stands where it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relance.inbox.models import Stream
from relance.lib.reason import Reason
from relance.web.shell import wording
from relance.web.shell.wording import Calendar

_COLUMNS = {
    Stream.POTENTIALS: gettext_lazy("Potentials"),
    Stream.PEOPLE: gettext_lazy("Contacts & Leads"),
    Stream.COLLEAGUES: gettext_lazy("Colleagues"),
    Stream.NOT_IN_CRM: gettext_lazy("Not in CRM"),
}
_PAGES = {"crm.Person": "people:show", "crm.Deal": "deals:show"}


def column_name(stream: int) -> str:
    """ "Potentials"; "" for a conversation that is not in the inbox."""
    return str(_COLUMNS[Stream(stream)]) if stream else ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One reason: a sentence, a smaller line under it, and where its source can be seen."""

    icon: str
    text: str
    detail: str = ""
    url: str = ""
    link: str = ""


def sentences(reasons: list[Reason]) -> list[Sentence]:
    return [_sentence(reason) for reason in reasons]


def _sentence(reason: Reason) -> Sentence:
    params = dict(reason.params)
    url = _source_url(reason)
    if reason.code in _DEALS:
        return _of_deal(reason.code, params, url)
    icon, text = _TEXTS[reason.code]
    link = params.get("name", "") if url else ""
    return Sentence(icon, str(text) % _named(params), url=url, link=link)


_DEALS = {
    "open_deal": gettext_lazy("%(name)s has an open deal"),
    "deal_won": gettext_lazy("%(name)s’s deal is won, so it no longer counts as open"),
    "deal_lost": gettext_lazy("%(name)s’s deal is lost, so it no longer counts as open"),
}
_TEXTS = {
    "no_open_deal": ("euro", gettext_lazy("%(name)s has no deal yet")),
    "contact": ("user", gettext_lazy("%(address)s is an address of the contact %(name)s")),
    "lead": ("lead", gettext_lazy("%(address)s is an address of the lead %(name)s")),
    "override_colleague": ("users", gettext_lazy("You said that %(address)s is a colleague")),
    "user_colleague": ("users", gettext_lazy("%(address)s is a user of this Relance")),
    "same_domain": ("building", gettext_lazy("%(domain)s is the domain of your own mailbox")),
    "company_domain": ("building", gettext_lazy("%(domain)s is one of your company’s domains")),
    "unknown_sender": (
        "userx",
        gettext_lazy("%(address)s is neither in the CRM nor of one of your domains"),
    ),
    "no_sender": ("alert", gettext_lazy("The message names no sender that can be read")),
    "authentication_failed": (
        "shield",
        gettext_lazy("%(address)s was not proven by its server, so it does not make a colleague"),
    ),
    "decided_by_other": (
        "info",
        gettext_lazy("The last message is from somebody else; %(address)s decided the column"),
    ),
    "not_in_inbox": (
        "archive",
        gettext_lazy("Nothing of this conversation is in the inbox any more"),
    ),
}


def _of_deal(code: str, params: Mapping[str, Any], url: str) -> Sentence:
    calendar = Calendar.current()
    facts = [wording.money(params["amount"], params["currency"])] if params["amount"] else []
    facts.append(params["stage"].label if hasattr(params["stage"], "label") else params["stage"])
    if code == "open_deal":
        facts.append(_("closes on %(day)s") % {"day": calendar.day(params["closes_on"])})
    elif params["closed_at"]:
        closed = timezone.localtime(params["closed_at"]).date()
        facts.append(_("since %(day)s") % {"day": calendar.day(closed)})
    icon = "trophy" if code == "deal_won" else "euro"
    text = str(_DEALS[code]) % _named(params)
    return Sentence(icon, text, " · ".join(facts), url=url, link=params["deal"])


def _named(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": "", "address": "", "domain": "", **params}


def _source_url(reason: Reason) -> str:
    for model, pk in reason.sources:
        try:
            return reverse(_PAGES[model], args=[pk])
        except (KeyError, NoReverseMatch):
            continue
    return ""


def what_would_move_it(reasons: list[Reason]) -> str:
    """The counter-factual under the reasons: what would change the column."""
    code = reasons[0].code if reasons else ""
    if code == "open_deal":
        return _(
            "Once every open deal of this person is won or lost, the conversation goes to "
            "Contacts & Leads."
        )
    if code == "contact":
        return _("With an open deal for this person, it would go to Potentials.")
    if code == "lead":
        return _("As a contact with an open deal, this person would be in Potentials.")
    if code == "unknown_sender":
        return _("Add the sender as a lead, a contact or a colleague and it moves by itself.")
    if code == "override_colleague":
        return _("Take that decision back in the panel beside the conversation.")
    return ""
