"""What became of an attempt, written down: per recipient, and for the mail as a whole.

::

    accepted by some ──▶ sent; those put off (4xx) alone are tried again
    4xx, no connection ──▶ retrying: 5 min, twice as long each time, 5 days at most
    5xx ──▶ failed, told once
    login refused ──▶ retrying every quarter of an hour until the owner mends it, told once
    cut after the final dot ──▶ uncertain
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from relance.jobs import leases
from relance.lib import clock
from relance.lib.reason import Reason
from relance.mail import accounts, bounces
from relance.mail.models import Outgoing, OutgoingRecipient
from relance.mail.outbox import filing, telling
from relance.wire.errors import TransientFailure, UncertainOutcome, WireError
from relance.wire.smtp import Submitted

_log = logging.getLogger(__name__)
_FIRST_RETRY, _LAST_RETRY = 300.0, 4 * 3600.0  # seconds
_LOGIN_RETRY = 900.0  # seconds between attempts to log in with what was refused
GIVE_UP_AFTER = timedelta(days=5)
_TELL_AT = 4  # attempts: the author hears of a delay after half an hour
_TRIES, _PAUSE = 5, 1.0  # to write an outcome down while the database is away; seconds
_State, _Recipient = Outgoing.State, OutgoingRecipient.State
_Written = TypeVar("_Written")
_OURS = [_State.SENDING, _State.UNCERTAIN]


def persist(write: Callable[[], _Written]) -> _Written:
    """Write down what a server has said. The database may be away for a while: what is known now
    cannot be found out again."""
    for _ in range(_TRIES - 1):
        try:
            return write()
        except OperationalError:
            _log.warning("outbox: an outcome waits for the database")
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(_PAUSE)
    return write()


@transaction.atomic
def record(outgoing: Outgoing, result: Submitted | WireError) -> None:
    """Write down what became of an attempt. A mail that all have taken at once is `ledger`'s."""
    if isinstance(result, Submitted):
        _answered(outgoing, result)
    elif isinstance(result, UncertainOutcome):
        _settle(outgoing, _State.UNCERTAIN, result.code)
    elif isinstance(result, TransientFailure):
        _retry(outgoing, result.code, result.server_text)
    elif result.code in accounts.LOGIN_REFUSED:
        _wait_for_login(outgoing, result)
    else:
        _fail(outgoing, result)


def hold(outgoing: Outgoing, reason: Reason) -> bool:
    """Keep the mail from leaving, and say why. False when somebody else has it, or it changed."""
    with transaction.atomic():
        rows = Outgoing.objects.filter(
            pk=outgoing.pk, state=outgoing.state, updated_at=outgoing.updated_at, lease_until=None
        )
        written = {"code": reason.code, "params": dict(reason.params)}
        held = rows.update(
            state=_State.HELD, reason=written, next_try_at=None, updated_at=clock.now()
        )
        if held:
            telling.held(outgoing, reason)
            telling.announce(outgoing, _State.HELD)
    return bool(held)


def _answered(outgoing: Outgoing, answer: Submitted) -> None:
    """What the server said of each recipient; those put off are tried again, alone."""
    put_off = {a for a, r in answer.refused.items() if r.is_transient}
    for address, refusal in answer.refused.items():
        rows = outgoing.recipients.filter(address__address=address)
        if address in put_off:
            rows.update(answer=f"{refusal.code} {refusal.enhanced} {refusal.text}"[:500])
        else:
            _refuse(rows, refusal.code, refusal.enhanced, refusal.text)
    accepted = outgoing.recipients.filter(state=_Recipient.WAITING)
    if answer.refused:
        accepted = accepted.filter(address__address__in=answer.accepted)
    accepted.update(state=_Recipient.ACCEPTED, answer=answer.server_text[:500])
    first_time = bool(answer.accepted) and outgoing.sent_at is None
    if first_time:
        outgoing.sent_at = clock.now()
    if put_off:
        _retry(outgoing, "throttled", answer.refused[next(iter(put_off))].text)
    elif outgoing.sent_at is not None:
        _settle(outgoing, _State.SENT)
    else:
        _settle(outgoing, _State.FAILED, "rejected")
    if first_time:
        filing.file(outgoing)
    if len(put_off) < len(answer.refused):
        _tell_refused(outgoing)


def _refuse(rows: QuerySet[OutgoingRecipient], code: int, enhanced: str, text: str) -> None:
    """These recipients are refused for good: once on the mail, once for what it says of them."""
    refused = list(rows.select_related("outgoing"))
    said = f"{code} {enhanced} {text}".replace("  ", " ")[:500]
    rows.update(state=_Recipient.REFUSED, answer=said)
    for recipient in refused[:1]:  # an address may stand in To and in Cc
        bounces.refused(recipient, code, enhanced, text)


def _tell_refused(outgoing: Outgoing) -> None:
    refused = list(outgoing.recipients.filter(state=_Recipient.REFUSED).select_related("address"))
    telling.failed(outgoing, [r.address.address for r in refused], refused[0].answer, "rejected")


def _fail(outgoing: Outgoing, error: WireError) -> None:
    """For good. What the server said of the mail itself, it said of every recipient; of the
    address it says something only where there is one."""
    if error.stage in ("mail", "rcpt", "data", "body", "final"):
        waiting = outgoing.recipients.filter(state=_Recipient.WAITING)
        if error.smtp_code and error.stage == "final" and waiting.count() == 1:
            text = error.server_text.removeprefix(f"{error.smtp_code} {error.enhanced_status}")
            _refuse(waiting, error.smtp_code, error.enhanced_status, text.strip())
        else:
            waiting.update(state=_Recipient.REFUSED, answer=error.server_text[:500])
    _give_up(outgoing, error.code, error.server_text)


def _give_up(outgoing: Outgoing, code: str, answer: str) -> None:
    state = _State.SENT if outgoing.sent_at else _State.FAILED  # some recipients have it
    if _settle(outgoing, state, code):
        taken = _Recipient.ACCEPTED
        addresses = outgoing.recipients.exclude(state=taken).values_list("address__address")
        telling.failed(outgoing, [a for (a,) in addresses], answer, code)


def _wait_for_login(outgoing: Outgoing, error: WireError) -> None:
    """The mail waits for the owner to mend the password; she is told once."""
    if _is_too_old(outgoing):
        _give_up(outgoing, error.code, error.server_text)
        return
    waiting = Outgoing.objects.filter(
        account=outgoing.account,
        state__in=[_State.SENDING, _State.RETRYING],
        error_code__in=accounts.LOGIN_REFUSED,
    )
    if not waiting.exists():
        telling.failed(outgoing, telling.addresses_of(outgoing), error.server_text, error.code)
    _postpone(outgoing, _LOGIN_RETRY, error.code)


def _retry(outgoing: Outgoing, code: str, answer: str) -> None:
    if _is_too_old(outgoing):
        put_off = outgoing.recipients.filter(state=_Recipient.WAITING)
        put_off.update(state=_Recipient.REFUSED)
        _give_up(outgoing, code, answer)
        return
    wait = leases.back_off(outgoing.attempts, first=_FIRST_RETRY, most=_LAST_RETRY)
    if _postpone(outgoing, wait, code) and outgoing.attempts == _TELL_AT:
        telling.delayed(outgoing, answer, code)


def _is_too_old(outgoing: Outgoing) -> bool:
    return outgoing.queued_at < clock.now() - GIVE_UP_AFTER


def _postpone(outgoing: Outgoing, seconds: float, code: str) -> bool:
    return _finish(
        outgoing,
        _State.RETRYING,
        next_try_at=clock.seconds_from_now(seconds),
        last_error=code,
        error_code=code,
        sent_at=outgoing.sent_at,
    )


def _settle(outgoing: Outgoing, state: str, code: str = "") -> bool:
    return _finish(
        outgoing,
        state,
        next_try_at=None,
        attempts=0,
        last_error="",
        error_code=code,
        sent_at=outgoing.sent_at,
    )


def _finish(outgoing: Outgoing, state: str, **changes: Any) -> bool:
    """Write the mail's new state, unless its author has decided otherwise since: a lease that ran
    out made it uncertain, and she sent it again or said that it has left. That it has left,
    though, is true whatever she thinks."""
    rows = Outgoing.objects.filter(pk=outgoing.pk)
    states = [*_OURS, _State.QUEUED] if state == _State.SENT else _OURS
    written = rows.filter(state__in=states).update(
        state=state, lease_until=None, updated_at=clock.now(), **changes
    )
    if written:
        telling.announce(outgoing, state)
    return bool(written)
