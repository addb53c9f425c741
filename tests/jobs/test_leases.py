"""Claiming: one worker gets a row, and a row that failed comes again later."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from relance.jobs import leases
from relance.mail.models import MailAccount
from relance.users.models import User
from tests.mail.conftest import owner
from tests.mail.local import local

__all__ = ["owner"]
transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row(owner: User) -> MailAccount:
    return local(owner).account


def claim(row: MailAccount, **changes: object) -> bool:
    return leases.claim(MailAccount.objects.all(), row.pk, seconds=60, **changes)


@pytest.mark.django_db
def test_a_claimed_row_is_nobody_elses_until_it_is_released(row: MailAccount) -> None:
    assert claim(row)
    assert not claim(row)
    leases.release(row)
    assert claim(row)


@pytest.mark.django_db
def test_a_lease_that_ran_out_is_free(row: MailAccount) -> None:
    assert claim(row)
    MailAccount.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert not leases.extend(row, seconds=60), "it was lost"
    assert claim(row)
    assert leases.extend(row, seconds=60)


@pytest.mark.django_db
def test_a_claim_writes_its_changes_and_counts_the_attempt(row: MailAccount) -> None:
    assert claim(row, error_code="tried")
    row.refresh_from_db()
    assert (row.error_code, row.attempts) == ("tried", 1)
    assert not claim(row, error_code="again")
    row.refresh_from_db()
    assert (row.error_code, row.attempts) == ("tried", 1), "a refused claim changes nothing"


@pytest.mark.django_db
def test_a_row_outside_the_queryset_cannot_be_claimed(row: MailAccount) -> None:
    rows = MailAccount.objects.exclude(pk=row.pk)
    assert not leases.claim(rows, row.pk, seconds=60)


@pytest.mark.django_db
def test_what_failed_is_due_after_its_wait_and_starts_anew_once_it_worked(
    row: MailAccount,
) -> None:
    assert claim(row)
    leases.postpone(row, 60, "x" * 900)
    assert not MailAccount.objects.filter(leases.due()).exists()
    later = timezone.now() + timedelta(seconds=61)
    assert MailAccount.objects.filter(leases.due(now=later)).exists()
    row.refresh_from_db()
    assert (row.attempts, len(row.last_error)) == (1, 500)
    leases.release(row)
    row.refresh_from_db()
    assert (row.attempts, row.last_error, row.next_try_at, row.lease_until) == (0, "", None, None)


def test_waits_double_up_to_the_most_also_after_a_thousand_failures() -> None:
    waits = [leases.back_off(n, first=20, most=900) for n in (0, 1, 2, 3, 7, 1000)]
    assert waits == [20, 20, 40, 80, 900, 900]


@transactional
@pytest.mark.parametrize("joined", [False, True])
def test_of_many_workers_at_once_exactly_one_gets_the_row(row: MailAccount, joined: bool) -> None:
    rows = (
        MailAccount.objects.filter(owner__is_active=True) if joined else MailAccount.objects.all()
    )
    for _ in range(20):
        leases.release(row)
        assert contest(rows, row) == [False] * 7 + [True]


def contest(rows: QuerySet[MailAccount], row: MailAccount) -> list[bool]:
    """Eight workers claim the row at the same instant; who got it."""
    begin = threading.Barrier(8)
    got: list[bool] = []

    def work() -> None:
        connection.ensure_connection()
        begin.wait()
        try:
            got.append(leases.claim(rows.all(), row.pk, seconds=60))
        except OperationalError:
            got.append(False)  # busy: it would try again
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(got)
