"""Labels by their names: found or made, put on conversations and taken off."""

from __future__ import annotations

from relance.inbox.models import Label, ThreadLabel
from relance.lib.text import hue, squeeze
from relance.users.models import User

_DEEPEST = 6
_LONGEST = 60


class InvalidLabel(ValueError):
    """A name that says nothing, or is nested deeper than anybody would read."""


def named(owner: User | None, path: str) -> Label:
    """The label "A/B": B within A, each made when there is none of that name (letter case tells
    none apart). Without an owner, the organisation's. Raises `InvalidLabel`."""
    names = [name[:_LONGEST] for part in path.split("/") if (name := squeeze(part))]
    if not names or len(names) > _DEEPEST:
        raise InvalidLabel(path)
    label: Label | None = None
    for name in names:
        label = _within(label, owner, name)
    assert label is not None  # there is a name
    return label


def _within(parent: Label | None, owner: User | None, name: str) -> Label:
    rows = Label.objects.filter(owner=owner, parent=parent, name__iexact=name)
    found = rows.order_by("pk").first()
    if found is None:
        found, _ = Label.objects.get_or_create(
            owner=owner, parent=parent, name=name, defaults={"hue": hue(name)}
        )
    return found


def put(label: Label, thread_id: int, *, filter_id: int | None = None) -> bool:
    """Put it on that conversation; False when it was there. `filter_id` is the filter's that
    did it."""
    _, is_new = ThreadLabel.objects.get_or_create(
        thread_id=thread_id, label=label, defaults={"filter_id": filter_id}
    )
    return is_new


def take(label_id: int, thread_id: int) -> bool:
    """Take it off that conversation; False when it was not there."""
    gone, _ = ThreadLabel.objects.filter(thread=thread_id, label=label_id).delete()
    return gone > 0
