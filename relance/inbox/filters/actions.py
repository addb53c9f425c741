"""What a filter does with a mail it meets, and how each of these things is undone.

An action is {"kind": …, more by kind}. Doing it returns what undoing it needs; what cannot be done
raises `Refused` and is written on the hit, and the mail stays as it is.

    label         label: "A/B"
    tag           tags: ["…"], on the sender's contacts and leads
    task          name, days (0…365), priority (low, normal, high), assignee (me, owner, a key)
    reminder      reminder (answer, await), minutes, note, by_mail
    priority      priority (-1, 0, 1)
    link          entity (deal, case, company, person), record: its key
    read, unread, star, unstar
    archive, trash, spam, move (folder: its path), never_spam
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from relance import journal
from relance.crm import access, tagging, tasks
from relance.crm.models import Company, Person, Task
from relance.crm.models.activities import Priority
from relance.inbox import labels, links
from relance.inbox.answers import is_by_a_person
from relance.inbox.filters.rules import Action, Rule
from relance.inbox.mail_facts import Facts
from relance.inbox.models import Reminder, ThreadState
from relance.lib import clock
from relance.lib.text import squeeze
from relance.mail import operations
from relance.mail.models import Folder, MessageCopy, Thread
from relance.users.models import User

#: Of these, the first that a mail meets wins (D13).
MOVES = frozenset({"archive", "trash", "spam", "move", "never_spam"})
MOST_DAYS, MOST_MINUTES = 365, 366 * 24 * 60
_LONGEST_TASK = 200


class Refused(Exception):
    """It cannot be done. `code` says why; "ignored" ones are no failures but rules of the house."""

    def __init__(self, code: str, *, is_failure: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.is_failure = is_failure


@dataclass(frozen=True, slots=True)
class Given:
    """A mail, as its mailbox's owner has it, and the filter that met it."""

    rule: Rule
    facts: Facts
    actor: User

    @property
    def copy(self) -> MessageCopy:
        return self.facts.copy

    @property
    def thread_id(self) -> int:
        if self.copy.thread_id is None:
            raise Refused("no_conversation")
        return self.copy.thread_id


Kept = dict[str, Any]


def perform(given: Given, action: Action) -> Kept:
    """Do it, as one transaction. Raises `Refused`."""
    act = _ACTS.get(str(action.get("kind")))
    if act is None:
        raise Refused("unknown")
    with transaction.atomic():
        return act(given, action)


def undo(kind: str, kept: Mapping[str, Any], copy: MessageCopy | None, actor: User) -> None:
    """Take back what `perform` did, as far as nobody changed it meanwhile."""
    back = _BACK.get(kind)
    if back is not None:
        back(kept, copy, actor)


def _label(given: Given, action: Action) -> Kept:
    owner = None if given.rule.owner_id is None else given.actor
    try:
        label = labels.named(owner, str(action.get("label", "")))
    except labels.InvalidLabel:
        raise Refused("no_label") from None
    is_new = labels.put(label, given.thread_id, filter_id=given.rule.pk)
    return {"label": label.pk, "thread": given.thread_id, "new": is_new}


def _label_back(kept: Mapping[str, Any], _copy: MessageCopy | None, _actor: User) -> None:
    if kept["new"]:
        labels.take(kept["label"], kept["thread"])


def _tag(given: Given, action: Action) -> Kept:
    wanted = [squeeze(str(t))[:60] for t in action.get("tags") or ()]
    found: Kept = {"people": {}}
    if not any(wanted):
        raise Refused("no_tag")
    known = access.people_for(given.actor).filter(pk__in=[p.pk for p in given.facts.people])
    for person in known:
        before = list(person.tags.order_by("name").values_list("name", flat=True))
        folded = {name.casefold() for name in before}
        added = [name for name in wanted if name and name.casefold() not in folded]
        if added:
            tagging.set_tags(given.actor, person, [*before, *added])
            found["people"][str(person.pk)] = added
    if not known:
        raise Refused("unknown_sender", is_failure=False)
    return found


def _tag_back(kept: Mapping[str, Any], _copy: MessageCopy | None, actor: User) -> None:
    for person in access.people_for(actor).filter(pk__in=map(int, kept["people"])):
        gone = {name.casefold() for name in kept["people"][str(person.pk)]}
        names = person.tags.order_by("name").values_list("name", flat=True)
        tagging.set_tags(actor, person, [n for n in names if n.casefold() not in gone])


def _task(given: Given, action: Action) -> Kept:
    message = given.facts.message
    person = _only(given.facts.people)
    account = _only(given.facts.accounts)
    task = Task(
        name=(squeeze(str(action.get("name", ""))) or message.subject or "…")[:_LONGEST_TASK],
        owner=_assignee(given, action),
        person=person if isinstance(person, Person) else None,
        company=account if isinstance(account, Company) else None,
        deal=_only(given.facts.deals),
        mail_key=message.pk,
    )
    priority = str(action.get("priority", ""))
    task.priority = priority if priority in Priority.values else Priority.NORMAL
    days = action.get("days")
    if days is not None:
        came = given.copy.received_at.astimezone(given.actor.zone).date()
        task.due_on = came + timedelta(days=_number(days, MOST_DAYS))
    return {"task": tasks.create(given.actor, task).pk}


def _task_back(kept: Mapping[str, Any], _copy: MessageCopy | None, _actor: User) -> None:
    untouched = Task.objects.filter(pk=kept["task"], status=Task.Status.OPEN, deleted_at=None)
    untouched.update(deleted_at=clock.now())


def _assignee(given: Given, action: Action) -> User:
    """Whose task it is; the mailbox's owner, where nobody else can be."""
    who = str(action.get("assignee", "me"))
    if who == "owner":
        owners = [record.owner for record in given.facts.people if record.owner.is_active]
        return owners[0] if owners else given.actor
    if who.isascii() and who.isdigit():
        return User.objects.filter(pk=int(who), is_active=True).first() or given.actor
    return given.actor


def _reminder(given: Given, action: Action) -> Kept:
    kind = str(action.get("reminder", Reminder.Kind.ANSWER))
    if kind not in Reminder.Kind.values:
        raise Refused("unknown")
    if (kind == Reminder.Kind.AWAIT) != given.copy.is_outgoing:
        raise Refused("wrong_direction", is_failure=False)
    if not given.copy.is_outgoing and not is_by_a_person(given.copy):
        raise Refused("by_a_machine", is_failure=False)
    minutes = _number(action.get("minutes"), MOST_MINUTES)
    row, _ = Reminder.objects.get_or_create(
        filter_id=given.rule.pk,
        message=given.facts.message,
        user=given.actor,
        defaults={
            "kind": kind,
            "thread_id": given.thread_id,
            "note": squeeze(str(action.get("note", "")))[:300],
            "due_at": given.copy.received_at + timedelta(minutes=minutes),
            "by_mail": bool(action.get("by_mail")),
        },
    )
    return {"reminder": row.pk}


def _reminder_back(kept: Mapping[str, Any], _copy: MessageCopy | None, _actor: User) -> None:
    Reminder.objects.filter(pk=kept["reminder"], state=Reminder.State.WAITING).delete()


def _read(given: Given, action: Action) -> Kept:
    was, seen = given.copy.is_seen, action["kind"] == "read"
    operations.mark_seen([given.copy], seen=seen)
    given.copy.is_seen = seen
    return {"was": was}


def _read_back(kept: Mapping[str, Any], copy: MessageCopy | None, _actor: User) -> None:
    if copy is not None:
        operations.mark_seen([copy], seen=kept["was"])


def _star(given: Given, action: Action) -> Kept:
    was, flagged = given.copy.is_flagged, action["kind"] == "star"
    operations.mark_flagged([given.copy], flagged=flagged)
    given.copy.is_flagged = flagged
    return {"was": was}


def _star_back(kept: Mapping[str, Any], copy: MessageCopy | None, _actor: User) -> None:
    if copy is not None:
        operations.mark_flagged([copy], flagged=kept["was"])


def _move(given: Given, action: Action) -> Kept:
    copy, source = given.copy, given.copy.folder_id
    if action["kind"] == "never_spam" and copy.folder.special_use != Folder.Use.SPAM:
        raise Refused("not_spam", is_failure=False)
    if action["kind"] == "archive" and copy.folder.special_use != Folder.Use.INBOX:
        raise Refused("not_in_inbox", is_failure=False)  # it was filed already
    target = _target(given, action)
    operations.move_to([copy], target)
    copy.refresh_from_db(fields=["folder", "uidvalidity", "uid"])
    return {"from": source, "to": target.pk}


def _target(given: Given, action: Action) -> Folder:
    uses = {"archive": "archive", "trash": "trash", "spam": "spam", "never_spam": "inbox"}
    account = given.copy.account
    if (use := uses.get(action["kind"])) is not None:
        return operations.folder_of(account, use)
    rows = account.folders.filter(path=str(action.get("folder", "")), is_selectable=True)
    found = rows.filter(missing_at=None).first()
    if found is None:
        raise Refused("no_folder")
    return found


def _move_back(kept: Mapping[str, Any], copy: MessageCopy | None, _actor: User) -> None:
    if copy is None or copy.folder_id != kept["to"]:
        return  # somebody moved it on: it stays where she put it
    source = Folder.objects.filter(pk=kept["from"], missing_at=None).first()
    if source is not None:
        operations.move_to([copy], source)


def _priority(given: Given, action: Action) -> Kept:
    value = action.get("priority")
    if value not in ThreadState.Priority.values:
        raise Refused("unknown")
    state, _ = ThreadState.objects.get_or_create(thread_id=given.thread_id)
    was = state.priority
    ThreadState.objects.filter(pk=state.pk).update(priority=value)
    return {"thread": given.thread_id, "was": was, "now": value}


def _priority_back(kept: Mapping[str, Any], _copy: MessageCopy | None, _actor: User) -> None:
    rows = ThreadState.objects.filter(thread=kept["thread"], priority=kept["now"])
    rows.update(priority=kept["was"])


def _link(given: Given, action: Action) -> Kept:
    entity, key = str(action.get("entity")), action.get("record")
    model = links.MODELS.get(entity)
    if model is None or not isinstance(key, int):
        raise Refused("unknown")
    try:
        entry = links.attach(given.actor, given.thread_id, entity, key)
    except (Thread.DoesNotExist, model.DoesNotExist):
        raise Refused("no_record") from None
    return {"entry": entry.pk}


def _link_back(kept: Mapping[str, Any], _copy: MessageCopy | None, actor: User) -> None:
    try:
        journal.undo(kept["entry"], actor)
    except journal.CannotUndo:
        return  # it was undone by hand


def _number(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Refused("bad_number")
    return value


def _only(records: list[Any]) -> Any:
    """The one there is; among several nobody can choose but a person."""
    return records[0] if len(records) == 1 else None


_ACTS: dict[str, Callable[[Given, Action], Kept]] = {
    "label": _label,
    "tag": _tag,
    "task": _task,
    "reminder": _reminder,
    "priority": _priority,
    "link": _link,
    **dict.fromkeys(("read", "unread"), _read),
    **dict.fromkeys(("star", "unstar"), _star),
    **dict.fromkeys(MOVES, _move),
}
_BACK: dict[str, Callable[[Mapping[str, Any], MessageCopy | None, User], None]] = {
    "label": _label_back,
    "tag": _tag_back,
    "task": _task_back,
    "reminder": _reminder_back,
    "priority": _priority_back,
    "link": _link_back,
    **dict.fromkeys(("read", "unread"), _read_back),
    **dict.fromkeys(("star", "unstar"), _star_back),
    **dict.fromkeys(MOVES, _move_back),
}
#: Every kind of action there is.
KINDS = tuple(_ACTS)
