"""What a folder needs, decided from two states alone."""

from hypothesis import given
from hypothesis import strategies as st

from relance.mail.sync.plan import Remote, Saved, SyncPlan, is_unchanged, make, needs_every_uid

UIDS = st.sets(st.integers(1, 60))


def saved(**changes: object) -> Saved:
    values = {"uidvalidity": 7, "uidnext": 11, "highestmodseq": 5, "count": 10, **changes}
    return Saved(**values)  # type: ignore[arg-type]


def remote(**changes: int) -> Remote:
    values = {"uidvalidity": 7, "uidnext": 11, "exists": 10, "highestmodseq": 5, **changes}
    return Remote(**values)


def test_a_folder_of_which_nothing_moved_is_left_alone() -> None:
    assert is_unchanged(saved(), remote())


def test_any_difference_or_a_server_that_cannot_tell_is_looked_at() -> None:
    for other in (
        remote(uidvalidity=8),
        remote(uidnext=12),
        remote(exists=9),
        remote(highestmodseq=6),
        remote(highestmodseq=0),
    ):
        assert not is_unchanged(saved(), other)
    assert not is_unchanged(saved(highestmodseq=0), remote(highestmodseq=0))
    assert not is_unchanged(saved(pending={3}), remote())


def test_new_mail_that_explains_the_size_spares_the_list_of_all() -> None:
    assert not needs_every_uid(saved(), remote(exists=12, uidnext=13), new_count=2)
    assert needs_every_uid(saved(), remote(exists=11, uidnext=13), new_count=2)
    assert needs_every_uid(saved(uidnext=0), remote(), new_count=0)
    assert needs_every_uid(saved(uidvalidity=6), remote(), new_count=0)


def test_what_we_are_about_to_move_away_is_neither_fetched_nor_missed() -> None:
    plan = make(saved(pending={3}), remote(), theirs={3, 4}, ours={4}, complete=True)
    assert plan == SyncPlan()
    assert not needs_every_uid(saved(count=9, pending={3}), remote(), new_count=0)


def test_a_folder_numbered_anew_is_read_whole_and_nothing_is_forgotten_by_number() -> None:
    plan = make(saved(uidvalidity=6), remote(), theirs={1, 2}, ours=set(), complete=True)
    assert plan == SyncPlan(fetch=[2, 1], restart=True)


@given(theirs=UIDS, ours=UIDS, pending=UIDS)
def test_the_plan_makes_ours_equal_to_theirs(
    theirs: set[int], ours: set[int], pending: set[int]
) -> None:
    pending -= ours  # a copy that moves away is no longer counted here
    plan = make(saved(pending=pending), remote(), theirs=theirs, ours=ours, complete=True)
    assert (ours | set(plan.fetch)) - set(plan.forget) == theirs - pending
    assert plan.fetch == sorted(plan.fetch, reverse=True), "newest first"


@given(theirs=UIDS, ours=UIDS)
def test_a_partial_list_forgets_nothing(theirs: set[int], ours: set[int]) -> None:
    plan = make(saved(), remote(), theirs=theirs, ours=ours, complete=False)
    assert not plan.forget
    assert set(plan.fetch) == theirs - ours
