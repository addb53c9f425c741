"""A row of a file, read: what it says of one record, or why it cannot be imported.

Nothing here asks the database: whom owners, teams and stages are is in the plan's `Directory`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models

from relance.crm import custom_fields, importing_values
from relance.crm.importing_fields import CUSTOM, MODELS, Target
from relance.crm.importing_files import Cell, padded, text_of
from relance.crm.importing_values import BadValue
from relance.crm.models import CustomField, Person, Stage
from relance.lib.money import Money
from relance.lib.text import fold, squeeze
from relance.users.models import Team, User

_KIND = CustomField.Kind
_CENT = Decimal("0.01")
_LONGEST_TEXT = 20_000
_STATUS_WORDS = {
    "new": "new nouveau nouvelle",
    "assigned": "assigned assigne assignee attribue",
    "in_process": "in_process in_progress en_cours contacted contacte en_traitement",
    "recycled": "recycled recycle relance a_relancer",
    "dead": "dead perdu sans_suite mort lost unqualified",
}
_STATUSES = {word: code for code, words in _STATUS_WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Directory:
    """Whom and what a file may name: users by address and name, teams and stages by name, all
    folded."""

    users: Mapping[str, int]
    teams: Mapping[str, int]
    stages: Mapping[str, Stage]
    first_stage: Stage | None
    currency: str

    @classmethod
    def read(cls, currency: str) -> Directory:
        users: dict[str, int] = {}
        for user in User.objects.filter(is_active=True):
            users[fold(user.name)] = users[user.email.lower()] = user.pk
        stages: dict[str, Stage] = {}
        several = list(Stage.objects.all())
        for stage in reversed(several):
            stages |= {fold(name): stage for name in (stage.name, stage.name_fr) if name}
        first = next((s for s in several if s.kind == Stage.Kind.OPEN), None)
        teams = {fold(name): key for key, name in Team.objects.values_list("pk", "name")}
        return cls(users, teams, stages, first, currency)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is read: what each column goes into (None: nothing), in which notation."""

    module: str
    columns: tuple[Target | None, ...]
    directory: Directory
    order: str = importing_values.DAY_FIRST
    decimal: str = importing_values.COMMA
    mend: bool = False
    custom: Mapping[str, CustomField] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {target.name for target in self.columns if target}


@dataclass(slots=True)
class Draft:
    """What one row says. `values` are fields of the model; `problem` is why it is refused."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    company: str = ""
    is_opted_out: bool | None = None
    problem: BadValue | None = None
    column: int = -1  # where the problem is

    @property
    def name(self) -> str:
        """As one compares names."""
        said = self.values
        if "last_name" in said:
            return fold(squeeze(f"{said.get('first_name', '')} {said['last_name']}"))
        return fold(said.get("name", ""))


def read(plan: Plan, number: int, cells: Sequence[Cell]) -> Draft:
    """The row as a draft; one with a `problem` is not to be imported."""
    draft = Draft(number)
    row = padded(cells, len(plan.columns))
    if row is None:
        draft.problem = BadValue("too_many_cells", text_of(cells[-1])[:100])
        return draft
    for n, (target, cell) in enumerate(zip(plan.columns, row, strict=True)):
        if target is None or cell == "":
            continue
        try:
            _READERS[target.kind](plan, draft, target, cell)
        except BadValue as problem:
            draft.problem, draft.column = problem, n
            return draft
    try:
        _complete(plan, draft)
    except BadValue as problem:
        draft.problem = problem
    return draft


def _complete(plan: Plan, draft: Draft) -> None:
    """What a record cannot do without."""
    said = draft.values
    if plan.module in ("leads", "contacts"):
        if not said.get("last_name") and said.get("first_name"):
            said["last_name"] = said.pop("first_name")
        elif not said.get("last_name") and draft.addresses:
            said["last_name"] = draft.addresses[0].partition("@")[0][:100]
        if not said.get("last_name"):
            raise BadValue("no_name", "")
    elif not said.get("name"):
        raise BadValue("no_name", "")
    if plan.module == "deals" and "closes_on" in plan.names and "closes_on" not in said:
        raise BadValue("no_date", said["name"])
    if plan.module == "deals" and "stage" not in said and plan.directory.first_stage is None:
        raise BadValue("unknown_stage", "")


def _text(plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    text = squeeze(text_of(cell))
    longest = _longest(plan.module, target.name)
    if len(text) > longest:
        raise BadValue("too_long", text[:100])
    if text:
        draft.values[target.name] = text


def _long(_plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    text = text_of(cell).replace("\r\n", "\n").strip()[:_LONGEST_TEXT]
    had = draft.values.get(target.name)
    if text:
        draft.values[target.name] = f"{had}\n{text}" if had else text


def _name(plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    """A whole name: "DUPONT Jean", "Dupont, Jean" and "Jean Dupont" are told apart."""
    text = squeeze(text_of(cell))
    last, comma, first = (part.strip() for part in text.partition(","))
    if not comma:
        words = text.split(" ")
        capitals = [w for w in words if w.isupper() and len(w) > 1]
        if 0 < len(capitals) < len(words):
            last, first = " ".join(capitals), " ".join(w for w in words if w not in capitals)
        else:
            first, _space, last = text.rpartition(" ")
            if len(words) > 2:
                first, last = words[0], " ".join(words[1:])
    if max(len(first), len(last)) > _longest(plan.module, "last_name"):
        raise BadValue("too_long", text[:100])
    draft.values |= {k: v for k, v in (("first_name", first), ("last_name", last)) if v}


def _addresses(plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    found = importing_values.addresses(cell, mend=plan.mend)
    kept = draft.contacts if target.name == "contact" else draft.addresses
    if target.name == "email":  # the primary one, wherever its column stands
        kept[:] = [*found, *(one for one in kept if one not in found)]
    else:
        kept += [one for one in found if one not in kept]


def _phone(plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    text = squeeze(text_of(cell)).removeprefix("'").removeprefix("tel:")
    if not any(c.isdecimal() for c in text):
        raise BadValue("bad_phone", text[:100])
    if len(text) > _longest(plan.module, target.name):
        raise BadValue("too_long", text[:100])
    draft.values[target.name] = text


def _phones(_plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    for part in text_of(cell).replace("\n", ";").replace(",", ";").split(";"):
        text = squeeze(part)[:50]
        if any(c.isdecimal() for c in text) and text not in draft.phones:
            draft.phones.append(text)


def _account(_plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    draft.company = squeeze(text_of(cell))
    if len(draft.company) > 200:
        raise BadValue("too_long", draft.company[:100])


def _country(_plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    if code := importing_values.country(cell):
        draft.values[target.name] = code


def _domain(_plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    if found := importing_values.domain(cell):
        draft.values[target.name] = found


def _day(plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    found = importing_values.day(cell, plan.order)
    if found is None:
        return
    if target.name == "created_at":
        draft.values["created_at"] = datetime.combine(found, time(12), UTC)
    else:
        draft.values[target.name] = found


def _number(plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    found = importing_values.number(cell, plan.decimal)
    if found is None:
        return
    if found < 0:
        raise BadValue("bad_number", text_of(cell))
    draft.values[target.name] = found.quantize(_CENT)
    currency = importing_values.currency_in(text_of(cell))
    if currency and "currency" not in plan.names:
        draft.values["currency"] = currency


def _currency(_plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    text = squeeze(text_of(cell))
    code = importing_values.currency_in(text)
    if not code:
        raise BadValue("bad_currency", text[:100])
    draft.values[target.name] = code


def _yes_no(_plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    found = importing_values.yes_no(cell)
    if found is not None:
        refuses = found if target.name == "opt_out" else not found
        draft.is_opted_out = bool(draft.is_opted_out) or refuses


def _user(plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    if text := fold(squeeze(text_of(cell))):
        draft.values["owner_id"] = _known(plan.directory.users, text, cell, "unknown_user")


def _team(plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    if text := fold(squeeze(text_of(cell))):
        draft.values["team_id"] = _known(plan.directory.teams, text, cell, "unknown_team")


def _stage(plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    if text := fold(squeeze(text_of(cell))):
        draft.values["stage"] = _known(plan.directory.stages, text, cell, "unknown_stage")


def _status(_plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    text = fold(squeeze(text_of(cell))).replace(" ", "_")
    labels = {fold(str(label)).replace(" ", "_"): code for code, label in Person.Status.choices}
    code = _known({**labels, **_STATUSES}, text, cell, "unknown_status")
    if code == Person.Status.CONVERTED:  # only converting makes it so
        raise BadValue("unknown_status", text_of(cell))
    draft.values[target.name] = code


def _tags(_plan: Plan, draft: Draft, _target: Target, cell: Cell) -> None:
    for part in text_of(cell).replace(";", ",").replace("|", ",").split(","):
        name = squeeze(part)[:60]
        if name and fold(name) not in map(fold, draft.tags):
            draft.tags.append(name)


def _custom(plan: Plan, draft: Draft, target: Target, cell: Cell) -> None:
    definition = plan.custom[target.name]
    text = squeeze(text_of(cell))
    if not text:
        return
    try:
        given = _custom_value(plan, definition, cell, text)
        draft.custom[definition.key] = custom_fields.as_kept(definition, given)
    except BadValue:
        raise
    except ValueError:
        raise BadValue("bad_value", text[:100]) from None


def _custom_value(plan: Plan, definition: CustomField, cell: Cell, text: str) -> Any:
    kind = definition.kind
    if kind == _KIND.DATE:
        return importing_values.day(cell, plan.order)
    if kind == _KIND.NUMBER:
        return importing_values.number(cell, plan.decimal)
    if kind == _KIND.MONEY:
        amount = importing_values.number(cell, plan.decimal)
        code = importing_values.currency_in(text) or plan.directory.currency
        return None if amount is None else Money(amount, code)
    if kind == _KIND.YES_NO:
        return importing_values.yes_no(cell)
    if kind == _KIND.USER:
        return _known(plan.directory.users, fold(text), cell, "unknown_user")
    if kind == _KIND.LIST:
        choices: dict[str, str] = {}
        for choice in custom_fields.choices_of(definition):
            for word in (choice.code, choice.label, choice.label_fr):
                choices.setdefault(fold(word), choice.code)
        return _known(choices, fold(text), cell, "unknown_choice")
    return text_of(cell)


def _known(options: Mapping[str, Any], wanted: str, cell: Cell, code: str) -> Any:
    if wanted not in options:
        raise BadValue(code, squeeze(text_of(cell))[:100])
    return options[wanted]


def _longest(module: str, name: str) -> int:
    """How long the model's field may be."""
    column = MODELS[module]._meta.get_field(name)
    assert isinstance(column, models.Field)
    return column.max_length or _LONGEST_TEXT


Reader = Callable[[Plan, Draft, Target, Cell], None]
_READERS: dict[str, Reader] = {
    "text": _text,
    "long": _long,
    "name": _name,
    "addresses": _addresses,
    "phone": _phone,
    "phones": _phones,
    "account": _account,
    "country": _country,
    "domain": _domain,
    "day": _day,
    "number": _number,
    "currency": _currency,
    "yes_no": _yes_no,
    "user": _user,
    "team": _team,
    "stage": _stage,
    "status": _status,
    "tags": _tags,
    **{f"{CUSTOM}{kind}": _custom for kind in _KIND.values},
}
