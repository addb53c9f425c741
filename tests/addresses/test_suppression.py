"""Three verdicts on an address, and who may lift which (D16, BNC-05, BNC-06)."""

import pytest

from relance.addresses import book, suppression
from relance.addresses.models import EmailAddress
from relance.addresses.suppression import BLOCK_AFTER, NotAllowed
from relance.lib import clock
from relance.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> EmailAddress:
    return book.row_for("jean@client.example")


def user(role: str = "member", *, may_send: bool = True) -> User:
    return User.objects.create_user(
        f"{role}{may_send}@clarte.example", role=role, may_send=may_send
    )


def test_verdicts_are_by_the_text_given_the_gravest_first(row: EmailAddress) -> None:
    suppression.mark_opted_out(row.pk)
    found = suppression.verdict("Jean@Client.example")
    assert found is not None
    assert (found.code, found.params["address"]) == ("opted_out", "jean@client.example")
    suppression.mark_invalid(row.pk)
    both = suppression.verdicts(["JEAN@client.example", "x@y.example", "nonsense"])
    assert {text: r.code for text, r in both.items()} == {"JEAN@client.example": "invalid"}
    assert suppression.verdict("unknown@client.example") is None


def test_a_verdict_is_news_once(row: EmailAddress) -> None:
    assert suppression.mark_invalid(row.pk)
    assert not suppression.mark_invalid(row.pk)


def test_the_fifth_temporary_failure_in_a_row_blocks(row: EmailAddress) -> None:
    news = [suppression.count_soft(row.pk, recent=n + 1) for n in range(BLOCK_AFTER)]
    assert news == [False] * 4 + [True]
    assert suppression.verdict("jean@client.example").code == "blocked"  # type: ignore[union-attr]


def test_failures_of_long_ago_do_not_count(row: EmailAddress) -> None:
    assert not any(suppression.count_soft(row.pk, recent=1) for _ in range(10))


def test_a_success_begins_anew_and_ends_the_block_of_failures_alone(row: EmailAddress) -> None:
    for n in range(BLOCK_AFTER):
        suppression.count_soft(row.pk, recent=n + 1)
    suppression.delivered(row.pk)
    row.refresh_from_db()
    assert (row.blocked_at, row.soft_bounces) == (None, 0)
    suppression.mark_blocked(row.pk)
    suppression.delivered(row.pk)
    row.refresh_from_db()
    assert row.blocked_at is not None, "blocked by policy: a person lifts it"


def test_a_block_is_lifted_by_whoever_may_send_and_an_invalid_one_by_administrators(
    row: EmailAddress,
) -> None:
    row.blocked_at = clock.now()
    row.save()
    with pytest.raises(NotAllowed):
        suppression.lift(user(may_send=False), row)
    suppression.lift(user(), row)
    assert suppression.verdict(row.address) is None
    row.invalid_at = clock.now()
    row.save()
    with pytest.raises(NotAllowed):
        suppression.lift(User.objects.get(may_send=True), row)
    assert suppression.lift(user("admin"), row)["invalid_at"]
    assert suppression.verdict(row.address) is None


def test_what_its_owner_asked_for_nobody_lifts(row: EmailAddress) -> None:
    suppression.mark_opted_out(row.pk)
    row.refresh_from_db()
    with pytest.raises(NotAllowed):
        suppression.lift(user("admin"), row)
