"""Lines of a record's history in words: what `crm.history` keeps as texts for no reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm import custom_fields, history
from relance.crm.models import Case, Company, CustomField, Deal, Person, Stage
from relance.journal.models import Change
from relance.lib.text import shorten
from relance.users.models import User
from relance.web.shell import wording

_MODELS: dict[str, Any] = {"person": Person, "company": Company, "deal": Deal, "case": Case}
_MONEY = ("amount", "stage")
_LONGEST = 60
_MOST = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words, with its icon and the colour of that."""

    icon: str
    title: str
    detail: str = ""
    css: str = ""


class Words:
    """Words for the lines of one page: what they need is looked up once."""

    def of(self, change: Change, about: Deal | None) -> Said:
        """A line; `about` is the deal it concerns when that is not the record itself."""
        if change.verb != history.EDITED:
            return self._act(change, about)
        parts = [self._part(change, name, pair) for name, pair in change.changes.items()]
        is_money = any(name in _MONEY for name in change.changes)
        icon, css = ("euro", "money") if is_money else ("draft", "")
        if len(parts) == 1:
            title, detail = parts[0], ""
        else:
            title = ngettext("%(n)s field changed", "%(n)s fields changed", len(parts))
            title %= {"n": len(parts)}
            detail = " · ".join(parts[:_MOST]) + (" · …" if len(parts) > _MOST else "")
        if about is not None:
            title = _("Deal “%(deal)s”: %(change)s") % {"deal": about.name, "change": title}
            amount = wording.money(about.amount, about.currency)
            detail = " · ".join(part for part in (detail, amount) if part)
        return Said(icon, title, detail, css)

    @staticmethod
    def by(user: User | None) -> str:
        """ "by Camille Laurent"."""
        return _("by %(name)s") % {"name": user.name} if user else ""

    def _act(self, change: Change, about: Deal | None) -> Said:
        name = {"name": str(change.changes.get("name", ""))}
        icon, title = {
            history.DELETED: ("trash", _("Deleted")),
            history.RESTORED: ("undo", _("Brought back")),
            "merged": ("merge", _("“%(name)s” was merged here") % name),
            "unmerged": ("undo", _("“%(name)s” was parted from it again") % name),
            "converted": ("swap", _("Converted into “%(name)s”") % name),
            "imported": ("download", _("Imported")),
            "erased": ("shield", _("Personal data erased")),
        }.get(change.verb, ("draft", _("Changed")))
        if about is not None:
            title = _("Deal “%(deal)s”: %(change)s") % {"deal": about.name, "change": title}
        return Said(icon, title)

    def _part(self, change: Change, name: str, pair: list[str]) -> str:
        if name == "photo":
            return _("Photo changed") if pair[1] else _("Photo removed")
        label = self._label(change.entity, name)
        if name == "description":
            return _("%(field)s changed") % {"field": label}
        was, now = (self._value(change.entity, name, text) for text in pair)
        words = {"field": label, "was": was or "–", "now": now or "–"}
        if name == "stage":
            return _("%(was)s → %(now)s") % words
        if name == "amount" and was and now:
            return _("%(field)s changed from %(was)s to %(now)s") % words
        return (_("%(field)s: %(was)s → %(now)s") if was else _("%(field)s: %(now)s")) % words

    def _label(self, entity: str, name: str) -> str:
        if name in self._lists:
            return self._lists[name]
        if name.startswith(history.CUSTOM):
            return self._custom.get(name.removeprefix(history.CUSTOM), name)
        try:
            label = str(_MODELS[entity]._meta.get_field(name).verbose_name)
        except (FieldDoesNotExist, KeyError):
            label = name
        return label[:1].upper() + label[1:]

    def _value(self, entity: str, name: str, text: str) -> str:
        if not text:
            return ""
        if name == "amount":
            return _amount(text)
        if name == "stage":
            return self._stages.get(text, text)
        if name.endswith("country"):
            return str(self._countries.get(text, text))
        if name == "closes_on":
            return _day(text)
        return shorten(self._choices(entity, name).get(text, text), _LONGEST)

    def _choices(self, entity: str, name: str) -> dict[str, str]:
        try:
            field = _MODELS[entity]._meta.get_field(name)
        except (FieldDoesNotExist, KeyError):
            return {}
        return {str(code): str(label) for code, label in getattr(field, "flatchoices", ())}

    @cached_property
    def _lists(self) -> dict[str, str]:
        return {
            "addresses": _("E-mail addresses"),
            "phones": _("Further numbers"),
            "tags": _("Tags"),
            "people": _("Contacts"),
        }

    @cached_property
    def _stages(self) -> dict[str, str]:
        return {stage.name: stage.label for stage in Stage.objects.all()}

    @cached_property
    def _custom(self) -> dict[str, str]:
        return {one.key: custom_fields.label_of(one) for one in CustomField.objects.all()}

    @cached_property
    def _countries(self) -> Any:
        return wording.locale_of(wording.language()).territories


def _amount(text: str) -> str:
    amount, _space, currency = text.partition(" ")
    try:
        return wording.money(Decimal(amount), currency)
    except InvalidOperation:
        return text


def _day(text: str) -> str:
    try:
        return wording.Calendar.current().day(date.fromisoformat(text))
    except ValueError:
        return text
