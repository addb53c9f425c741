"""What a filter would meet, before it does anything (dry run), and which mail it looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from relance.criteria import sql
from relance.inbox.filters import rules
from relance.inbox.filters.rules import Rule
from relance.inbox.models import Filter
from relance.inbox.visibility import visible_copies
from relance.lib import clock
from relance.mail.models import Folder, MessageCopy
from relance.users.models import User

EXAMPLES = 20
_NOT_LOOKED_AT = (Folder.Use.TRASH, Folder.Use.SPAM, Folder.Use.DRAFTS)


@dataclass(frozen=True, slots=True)
class Trial:
    """`count` mails met of `looked_at`; `examples` are the newest. `without_rate` are currencies of
    its conditions that have no rate: amounts in others meet none of these conditions."""

    count: int
    looked_at: int
    examples: Sequence[MessageCopy] = field(default_factory=tuple)
    without_rate: Sequence[str] = field(default_factory=tuple)


def dry_run(row: Filter, user: User, *, days: int = 30) -> Trial:
    """What `row`, saved or not, meets of the mail that the user may see and that came (or was
    sent) within `days`. Changes nothing. Raises `InvalidCriteria`."""
    rule, asking = rules.of_filter(row), rules.asking_of(user)
    every = looked_at(row, user, since=clock.now() - timedelta(days=days))
    found = sql.select(every, rule.node, asking)
    examples = found.order_by("-key", "-pk").select_related(
        "message__from_address", "account", "folder"
    )[: EXAMPLES * 2]
    once = list({copy.message_id: copy for copy in reversed(examples)}.values())[::-1]
    return Trial(
        count=_messages(found),
        looked_at=_messages(every),
        examples=once[:EXAMPLES],
        without_rate=rules.without_rate(rule.node, asking),
    )


def looked_at(row: Filter, user: User, *, since: datetime | None) -> QuerySet[MessageCopy]:
    """The copies that a filter is tried on, or applied to afterwards: what the user may see, of
    its mailbox and direction, neither in the trash nor in spam nor a draft."""
    every = visible_copies(user).filter(
        message__isnull=False, is_draft=False, is_outgoing=row.is_outgoing
    )
    every = every.exclude(folder__special_use__in=_NOT_LOOKED_AT)
    if row.account_id is not None:
        every = every.filter(account=row.account_id)
    if since is not None:
        every = every.filter(received_at__gte=since)
    return every


def met_by(rule: Rule, copies: QuerySet[MessageCopy], user: User) -> QuerySet[MessageCopy]:
    """Those of the copies that the filter meets, as that user asks."""
    return sql.select(copies, rule.node, rules.asking_of(user))


def _messages(found: QuerySet[MessageCopy]) -> int:
    return found.order_by().values("message_id").distinct().count()
