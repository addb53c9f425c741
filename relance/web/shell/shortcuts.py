"""The keys there are, as `?` lists them. The script's table of keys is compared with this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What one presses, and what it does. `keys` are shown as key caps, in order."""

    label: str | Promise
    keys: Sequence[str | Promise]


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    shortcuts: Sequence[Shortcut]


GROUPS = (
    Group(
        _("Move"),
        (
            Shortcut(_("Next, previous conversation"), ("J", "K")),
            Shortcut(_("Next, previous column"), ("L", "H")),
            Shortcut(_("Go to a column"), ("1", "2", "3", "4")),
            Shortcut(_("Open the conversation"), ("↵",)),
            Shortcut(_("Back to the list"), (_("Esc"),)),
        ),
    ),
    Group(
        _("Handle"),
        (
            Shortcut(_("Read or unread"), ("U",)),
            Shortcut(_("Move to Archive"), ("E",)),
            Shortcut(_("Delete"), (_("Del"), "#")),
            Shortcut(_("Undo"), ("Z",)),
        ),
    ),
    Group(
        _("Write"),
        (
            Shortcut(_("Write a message"), ("C",)),
            Shortcut(_("Reply"), ("R",)),
            Shortcut(_("Reply to all"), ("A",)),
            Shortcut(_("Forward"), ("F",)),
            Shortcut(_("Insert a template"), ("Ctrl", "M")),
            Shortcut(_("Send"), ("Ctrl", "↵")),
            Shortcut(_("Schedule"), ("Ctrl", _("Shift"), "↵")),
        ),
    ),
    Group(
        "CRM",
        (
            Shortcut(_("Add the sender"), ("I",)),
            Shortcut(_("New deal"), ("D",)),
            Shortcut(_("New task"), ("T",)),
            Shortcut(_("New note"), ("N",)),
            Shortcut(_("Next tab of the panel"), ("P",)),
            Shortcut(_("Show or hide the panel"), (".",)),
        ),
    ),
    Group(
        _("Go"),
        (
            Shortcut(_("Inbox"), ("G", "I")),
            Shortcut(_("Deals"), ("G", "D")),
            Shortcut(_("Contacts"), ("G", "C")),
            Shortcut(_("Search"), ("/",)),
            Shortcut(_("This help"), ("?",)),
        ),
    ),
)
