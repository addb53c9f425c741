"""The hour of a mail: clocks that jump, in spring, in autumn, and on the machine (D15, C1)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from relance.lib import clock
from relance.mail import outbox
from relance.mail.models import Outgoing
from relance.mail.outbox import wall_time
from relance.notices.models import Notice
from tests.mail.sending import Sender, make_due, sender, state_of

__all__ = ["sender"]
State = Outgoing.State
PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        # an ordinary day, summer and winter
        (date(2026, 7, 1), time(18, 0), PARIS, "2026-07-01T16:00Z"),
        (date(2026, 12, 1), time(18, 0), PARIS, "2026-12-01T17:00Z"),
        # 02:00–03:00 does not exist: the next hour there is, 03:00 in summer time
        (date(2026, 3, 29), time(2, 0), PARIS, "2026-03-29T01:00Z"),
        (date(2026, 3, 29), time(2, 30), PARIS, "2026-03-29T01:00Z"),
        (date(2026, 3, 29), time(2, 59, 59), PARIS, "2026-03-29T01:00Z"),
        (date(2026, 3, 29), time(3, 0), PARIS, "2026-03-29T01:00Z"),
        (date(2026, 3, 29), time(1, 59), PARIS, "2026-03-29T00:59Z"),
        # 02:00–03:00 comes twice: the first
        (date(2026, 10, 25), time(2, 30), PARIS, "2026-10-25T00:30Z"),
        (date(2026, 10, 25), time(3, 0), PARIS, "2026-10-25T02:00Z"),
        # another day of change, half an hour of change, a whole day left out
        (date(2026, 3, 8), time(2, 15), "America/New_York", "2026-03-08T07:00Z"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:30Z"),
        (date(2011, 12, 30), time(12, 0), "Pacific/Apia", "2011-12-30T10:00Z"),
        (date(2026, 3, 29), time(2, 30), "UTC", "2026-03-29T02:30Z"),
    ],
)
def test_an_hour_on_the_wall_is_one_instant(day: date, at: time, zone: str, expected: str) -> None:
    assert wall_time(day, at, zone) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("zone", [PARIS, "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_every_quarter_of_an_hour_of_a_year_is_shown_as_asked_or_just_after_a_gap(
    zone: str,
) -> None:
    place, day, gaps = ZoneInfo(zone), date(2026, 1, 1), 0
    while day.year == 2026:
        for quarter in range(0, 24 * 4, 3):
            at = time(quarter // 4, quarter % 4 * 15)
            shown = wall_time(day, at, zone).astimezone(place)
            if shown.replace(tzinfo=None) != datetime.combine(day, at):
                gaps += 1
                assert shown.date() == day
                assert (
                    timedelta(0)
                    < shown.replace(tzinfo=None) - datetime.combine(day, at)
                    <= timedelta(hours=1)
                )
        day += timedelta(days=1)
    assert gaps <= 2


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises((KeyError, ValueError)):
        wall_time(date(2026, 1, 1), time(9), "../etc/passwd")


@pytest.mark.django_db
class TestDueMails:
    @pytest.mark.parametrize("minutes", [1.0, 61.0, 60 * 24 * 40])
    def test_a_mail_waits_for_its_hour_and_leaves_within_the_minute(
        self, sender: Sender, minutes: float
    ) -> None:
        start = clock.now()
        with time_machine.travel(start, tick=False) as traveller:
            hour = start + timedelta(minutes=minutes)
            outgoing = outbox.schedule(sender.draft(), hour, PARIS)
            traveller.move_to(hour - timedelta(seconds=1))
            assert outbox.sweep() == 0, "never early"
            traveller.move_to(hour + timedelta(seconds=1))
            assert outbox.sweep() == 1
            assert state_of(outgoing) == State.SENT
            assert not outgoing.was_late

    def test_a_clock_that_jumps_back_and_forth_sends_once(self, sender: Sender) -> None:
        start = clock.now()
        with time_machine.travel(start, tick=False) as traveller:
            outbox.schedule(sender.draft(), start + timedelta(hours=2), PARIS)
            for hours in (1, -5, 3, -48, 3, 2, 30, 1):
                traveller.move_to(start + timedelta(hours=hours))
                outbox.sweep()
        assert len(sender.server.received) == 1

    def test_a_clock_that_jumps_while_a_mail_is_put_off_loses_nothing(self, sender: Sender) -> None:
        start = clock.now()
        sender.server.at["mail"] = "451 4.3.0 later"
        with time_machine.travel(start, tick=False) as traveller:
            outgoing = sender.send()
            sender.server.reset()
            traveller.move_to(start - timedelta(days=2))
            outbox.sweep()
            assert not sender.server.received
            traveller.move_to(start + timedelta(minutes=6))
            outbox.sweep()
        assert state_of(outgoing) == State.SENT
        assert len(sender.server.received) == 1

    @pytest.mark.parametrize(("hours", "late"), [(0.01, False), (0.1, True), (23.9, True)])
    def test_a_late_mail_leaves_within_a_day_and_says_that_it_is_late(
        self, sender: Sender, hours: float, late: bool
    ) -> None:
        outgoing = sender.scheduled()
        make_due(hours_late=hours)
        assert outbox.sweep() == 1
        assert state_of(outgoing) == State.SENT
        assert outgoing.was_late is late

    @pytest.mark.parametrize("mailbox", ["ok", "auth_error"])
    def test_a_mail_missed_by_more_than_a_day_is_held_and_its_author_told(
        self, sender: Sender, mailbox: str
    ) -> None:
        outgoing = sender.scheduled()
        make_due(hours_late=24.1)
        sender.account.state = mailbox
        sender.account.save(update_fields=["state"])
        outbox.sweep()
        outbox.sweep()
        assert state_of(outgoing) == State.HELD
        assert outgoing.reason["code"] == "missed"
        notice = Notice.objects.get()
        assert (notice.code, notice.params["code"]) == ("outgoing_held", "missed")
        assert not sender.server.received

    def test_its_author_may_still_send_a_missed_mail(self, sender: Sender) -> None:
        outgoing = sender.scheduled()
        make_due(hours_late=30)
        outbox.sweep()
        assert outbox.try_again(outgoing.pk, sender.owner)
        outbox.sweep()
        assert state_of(outgoing) == State.SENT
