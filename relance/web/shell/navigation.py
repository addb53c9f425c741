"""What the rail, the settings and the keyboard can reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from relance.users.models import User


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. `name` is a URL name, `args` and `query` complete it."""

    name: str
    label: str | Promise
    icon: str = ""
    args: tuple[str, ...] = ()
    query: str = ""
    admin_only: bool = False
    key: str = ""  # which count of the shell stands beside it

    def url(self) -> str:
        """Its address, or "" when that page is not part of this installation."""
        address = _address(self.name, self.args)
        return address and address + self.query


@cache
def _address(name: str, args: tuple[str, ...]) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the template shows it."""

    url: str
    label: str | Promise
    icon: str
    is_current: bool
    key: str


MAIL = (
    Entry("inbox:columns", _("CRM view"), "columns", key="unread"),
    Entry("inbox:unified", _("Unified list"), "list"),
)
FOLDERS = (
    Entry("outgoing:drafts", _("Drafts"), "draft", key="drafts"),
    Entry("outgoing:scheduled", _("Scheduled"), "scheduled", key="scheduled"),
    Entry("outgoing:sent", _("Sent"), "send"),
    Entry("inbox:folder", _("Archive"), "archive", ("archive",)),
    Entry("inbox:folder", _("Spam"), "ban", ("spam",)),
    Entry("inbox:folder", _("Trash"), "trash", ("trash",)),
)
CRM = (
    Entry("people:list", _("Leads"), "lead", query="?kind=lead"),
    Entry("people:list", _("Contacts"), "user", query="?kind=contact"),
    Entry("companies:list", _("Accounts"), "building"),
    Entry("deals:list", _("Deals"), "euro"),
    Entry("meetings:week", _("Tasks and calendar"), "task", key="tasks"),
    Entry("cases:list", _("Cases"), "case"),
    Entry("sales:quotes", _("Quotes"), "quote"),
    Entry("sales:orders", _("Sales orders"), "quote"),
    Entry("sales:purchases", _("Purchase orders"), "quote"),
    Entry("sales:invoices", _("Invoices"), "quote"),
    Entry("documents:list", _("Documents"), "folder"),
    Entry("preferences:edit", _("Settings"), "gear"),
)
# Pages with the settings' own side navigation: (url name, label, icon, admin only).
SETTINGS = (
    Entry("preferences:edit", _("Preferences"), "user"),
    Entry("mailboxes:list", _("My mailboxes"), "mail"),
    Entry("signature:edit", _("Signatures"), "sign"),
    Entry("vacation:edit", _("Absence"), "scheduled"),
    Entry("templates:list", _("Templates"), "template"),
    Entry("cases:automatic", _("Automatic cases"), "case"),
    Entry("organisation:edit", _("Organisation"), "building", admin_only=True),
    Entry("organisation:limits", _("Sending and limits"), "send", admin_only=True),
    Entry("organisation:addresses", _("Shared addresses"), "at", admin_only=True),
    Entry("organisation:users", _("Users"), "users", admin_only=True),
    Entry("teams:list", _("Teams"), "users", admin_only=True),
    Entry("stages:list", _("Stages of deals"), "board", admin_only=True),
    Entry("currencies:list", _("Currencies"), "euro", admin_only=True),
    Entry("personal_data:list", _("Personal data"), "shield", admin_only=True),
    Entry("custom_fields:list", _("Custom fields"), "sliders", admin_only=True),
    Entry("sales:series", _("Numbers of documents"), "quote", admin_only=True),
)


def links(entries: tuple[Entry, ...], request: HttpRequest) -> list[Link]:
    """The entries this user may follow, the present page marked."""
    here, query = request.path, request.META.get("QUERY_STRING", "")
    found = []
    for entry in entries:
        url = entry.url()
        if not url or (entry.admin_only and not _is_admin(request)):
            continue
        is_current = _leads(url, here) and (not entry.query or entry.query[1:] in query)
        found.append(Link(url, entry.label, entry.icon, is_current, entry.key))
    return found


#: Pages below a link: a conversation belongs to the columns, a mailbox to their list.
_BELOW: dict[str, str | tuple[str, ...]] = {
    "/": "/threads/",
    "/calendar/": ("/calendar/", "/tasks/", "/calls/"),
    "/mailboxes/": "/mailboxes/",
    "/preferences/vacation/": "/preferences/vacation/",
}


def _leads(url: str, here: str) -> bool:
    """Is `here` the page of that link, or one below it?"""
    path = url.partition("?")[0]
    return here == path or (path in _BELOW and here.startswith(_BELOW[path]))


def _is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_admin
