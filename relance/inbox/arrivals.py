"""What follows when a mail has come: a report settles a mail of ours, an answer closes one, the
records it is about are recognised, a case is opened, an absence is answered, and at last filters
act. Fills the mail floor's port `Arrivals`; nothing here sees imported history.

Each step has its own savepoint: one that fails is logged, and the mail is in the inbox all the
same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import DatabaseError, transaction

from relance.inbox import answers, case_intake, invitations, recognition, vacation
from relance.inbox.filters import acting
from relance.mail import bounces
from relance.mail.models import MessageCopy

_log = logging.getLogger(__name__)
Step = Callable[[list[MessageCopy]], object]


def arrived(account_id: int, copy_ids: Sequence[int]) -> None:
    """Hears of new mail, inside the transaction that placed it."""
    copies = list(
        MessageCopy.objects.filter(pk__in=copy_ids, message__isnull=False)
        .select_related("message__from_address", "folder", "account__owner", "thread")
        .order_by("key")
    )
    steps: dict[str, Step] = {
        "sent": answers.bind_sent,
        "bounces": _reports,
        "answers": answers.settle,
        "invitations": invitations.settle,
        "records": recognition.recognise,
        "cases": case_intake.open_cases,
        "absence": vacation.answer,
        "filters": acting.act,  # at last: what they move, the others have seen where it came
    }
    for name, step in steps.items():
        _take(name, step, copies, account_id)


def _reports(copies: list[MessageCopy]) -> None:
    bounces.read([c for c in copies if c.message and c.message.is_bounce and not c.is_outgoing])


def _take(name: str, step: Step, copies: list[MessageCopy], account_id: int) -> None:
    try:
        with transaction.atomic():
            step(copies)
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001 (the edge: one mail must not keep the others from coming)
        _log.exception("%s failed for %d mails of account %d", name, len(copies), account_id)
