"""Invitations: what clients send, what strangers send, and what is answered."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.calendar import (
    MAX_BYTES,
    Attendee,
    Event,
    cancel,
    feed,
    read,
    reply,
    request,
)
from relance.mime.message import Address

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:Bureau
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def ics(*lines: str, method: str = "REQUEST", zones: str = "") -> bytes:
    body = "\n".join(["BEGIN:VEVENT", "UID:abc@x.example", *lines, "END:VEVENT"])
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\n{zones}{body}\nEND:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def event(*lines: str, **more: str) -> Event:
    found = read(ics(*lines, **more))
    assert found
    return found.event


def test_an_invitation_says_what_when_where_and_who() -> None:
    found = event(
        "DTSTART:20261201T090000Z",
        "DTEND:20261201T100000Z",
        "SUMMARY:Visite\\, quais 1 à 6",
        "LOCATION:Saint-Priest",
        "SEQUENCE:2",
        'ORGANIZER;CN="Garnier, Éloïse":mailto:eloise@meunier.example',
        "ATTENDEE;CN=Camille;PARTSTAT=ACCEPTED:MAILTO:camille@clarte.example",
        "ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:bruno@meunier.example",
    )
    assert found.summary == "Visite, quais 1 à 6" and found.location == "Saint-Priest"
    assert found.starts == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert found.ends == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert found.organiser == Address("Garnier, Éloïse", "eloise@meunier.example")
    assert [(a.address, a.answer, a.is_optional) for a in found.attendees] == [
        ("camille@clarte.example", "accepted", False),
        ("bruno@meunier.example", "", True),
    ]
    assert found.sequence == 2 and not found.is_all_day and not found.is_cancelled


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Europe/Paris", 9),
        ("Romance Standard Time", 9),
        ("/freeassociation.sourceforge.net/Europe/Paris", 9),
        ('"Europe/Paris"', 9),
        ("America/New_York", 15),
        ("Nowhere", 10),
    ],
)
def test_zones_are_known_by_the_names_clients_give_them(zone: str, hour: int) -> None:
    found = event(f"DTSTART;TZID={zone}:20261201T100000")
    assert isinstance(found.starts, datetime)
    assert found.starts.astimezone(UTC).hour == hour


@pytest.mark.parametrize(("day", "hour"), [("20261201", 9), ("20260701", 8), ("20261025", 9)])
def test_a_zone_brought_by_the_mail_keeps_its_summer(day: str, hour: int) -> None:
    found = event(f"DTSTART;TZID=Bureau:{day}T100000", zones=OUTLOOK_ZONE)
    assert isinstance(found.starts, datetime)
    assert found.starts.astimezone(UTC).hour == hour


def test_one_mails_zone_is_not_the_next_ones() -> None:
    assert event("DTSTART;TZID=Bureau:20260701T100000", zones=OUTLOOK_ZONE).starts == datetime(
        2026, 7, 1, 8, tzinfo=UTC
    )
    assert event("DTSTART;TZID=Bureau:20260701T100000").starts == datetime(
        2026, 7, 1, 10, tzinfo=UTC
    )


def test_an_event_of_whole_days_ends_on_its_last_day() -> None:
    found = event("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204")
    assert found.is_all_day
    assert (found.starts, found.ends) == (date(2026, 12, 1), date(2026, 12, 3))
    assert event("DTSTART;VALUE=DATE:20261201").ends == date(2026, 12, 1)


def test_a_length_stands_for_an_end_and_an_end_before_the_start_is_none() -> None:
    found = event("DTSTART:20261201T090000Z", "DURATION:PT90M")
    assert found.ends == datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
    found = event("DTSTART:20261201T090000Z", "DTEND:20261130T090000Z")
    assert found.ends == found.starts


def test_a_recurrence_is_told_not_unrolled() -> None:
    found = event(
        "DTSTART:20261201T090000Z", "RRULE:FREQ=MONTHLY;BYDAY=-1FR,2TU;INTERVAL=2;COUNT=10"
    ).recurrence
    assert found and (found.frequency, found.interval, found.count) == ("monthly", 2, 10)
    assert found.weekdays == ((-1, 4), (2, 1)) and found.is_plain
    odd = event("DTSTART:20261201T090000Z", "RRULE:FREQ=DAILY;BYHOUR=9,15;UNTIL=20270101")
    assert odd.recurrence and odd.recurrence.until == date(2027, 1, 1)
    assert not odd.recurrence.is_plain
    assert event("DTSTART:20261201T090000Z", "RRULE:FREQ=SECONDLY").recurrence is None


def test_cancelled_by_method_or_by_status() -> None:
    found = read(ics("DTSTART:20261201T090000Z", method="CANCEL"))
    assert found and found.method == "cancel"
    assert event("DTSTART:20261201T090000Z", "STATUS:CANCELLED").is_cancelled


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"BEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        ics("SUMMARY:no date"),
        ics("DTSTART:not a date"),
        ics("DTSTART:99999999T999999Z"),
        ics("DTSTART:20261201T090000Z") + b"x" * MAX_BYTES,
        b"BEGIN:VTIMEZONE\r\n" * 5_000 + ics("DTSTART:20261201T090000Z"),
    ],
)
def test_what_is_no_invitation_is_none(data: bytes) -> None:
    assert read(data) is None


@pytest.mark.parametrize(
    "filling",
    [
        "BEGIN:VEVENT\n" * 15_000,
        "BEGIN:A\n" * 25_000,
        "ATTENDEE;CN=x:mailto:a@b.example\n" * 7_000,
        "RRULE:FREQ=SECONDLY;COUNT=999999999\n" * 6_000,
        "X;" + "A=B;" * 60_000 + ":v\n",
        "SUMMARY:" + "\\n" * 120_000 + "\n",
        "RDATE:" + "20261201T090000Z," * 14_000 + "\n",
        ";" * 250_000,
        '"' * 250_000,
    ],
)
def test_hostile_calendars_are_read_within_a_bound(filling: str) -> None:
    data = ics("DTSTART:20261201T090000Z", filling)[:MAX_BYTES]
    before = time.process_time()
    read(data)
    assert time.process_time() - before < 3


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_within_an_event_are_survived(data: bytes) -> None:
    read(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n" + data + b"\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )


def test_an_answer_names_the_same_event_and_one_attendee() -> None:
    found = event(
        "DTSTART;TZID=Europe/Paris:20261201T100000",
        "DTEND;TZID=Europe/Paris:20261201T110000",
        "SEQUENCE:3",
        "RECURRENCE-ID:20261201T090000Z",
        "SUMMARY:Point\\; suivi",
        "ORGANIZER:mailto:eloise@meunier.example",
    )
    me = Address('Camille "La" Laurent', "camille@clarte.example")
    data = reply(found, me, "tentative", at=AT, language="fr")
    assert b"METHOD:REPLY\r\n" in data and b"SEQUENCE:3\r\n" in data
    assert b"DTSTART:20261201T090000Z\r\n" in data and b"UID:abc@x.example\r\n" in data
    assert b"RECURRENCE-ID:20261201T090000Z\r\n" in data
    assert b"SUMMARY;LANGUAGE=fr:Point\\; suivi\r\n" in data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    back = read(data)
    assert back and back.method == "reply"
    assert [(a.name, a.answer) for a in back.event.attendees] == [
        ("Camille La Laurent", "tentative")
    ]
    assert back.event.organiser and back.event.organiser.address == "eloise@meunier.example"


def test_an_answer_cannot_be_made_to_say_more() -> None:
    found = event("DTSTART:20261201T090000Z", "SUMMARY:a\\nEND:VEVENT\\nATTENDEE:x")
    me = Address("x\r\nORGANIZER:mailto:evil@bad.example", "c@d.example\r\nX:y")
    data = reply(found, me, "accepted", at=AT)
    assert data.count(b"END:VEVENT") == 2 and b"\r\nEND:VEVENT\r\nATTENDEE:x" not in data
    assert b"\r\nORGANIZER:mailto:evil" not in data and b"\r\nX:y" not in data
    with pytest.raises(KeyError):
        reply(found, me, "perhaps", at=AT)


def test_an_all_day_event_is_answered_with_the_day_after_as_its_end() -> None:
    found = event("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204")
    data = reply(found, Address("", "c@d.example"), "declined", at=AT)
    assert b"DTEND;VALUE=DATE:20261204\r\n" in data
    assert isinstance(found.ends, date) and found.ends + timedelta(days=1) == date(2026, 12, 4)


def _meeting(**changes: object) -> Event:
    values: dict[str, Any] = {
        "uid": "one@relance",
        "sequence": 2,
        "summary": "Visite; quais 1, 2\nBEGIN:VEVENT",
        "location": "Saint-Priest",
        "description": "",
        "starts": datetime(2026, 11, 26, 5, tzinfo=UTC),
        "ends": datetime(2026, 11, 26, 6, 30, tzinfo=UTC),
        "is_all_day": False,
        "is_cancelled": False,
        "organiser": Address("Camille", "camille@clarte.example"),
        "attendees": (Attendee('Éloïse "x"\r\nX:1', "e@meunier.example\r\nX:1", "accepted"),),
        "recurrence": None,
        "recurrence_id": None,
    }
    return Event(**{**values, **changes})


def test_what_we_invite_to_is_what_we_read() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    found = read(request(_meeting(), at=at, language="fr"))
    assert found is not None
    assert (found.method, found.event.uid, found.event.sequence) == ("request", "one@relance", 2)
    assert found.event.starts == datetime(2026, 11, 26, 5, tzinfo=UTC)
    assert found.event.organiser == Address("Camille", "camille@clarte.example")
    assert found.event.attendees[0].answer == "accepted"
    off = read(cancel(_meeting(is_cancelled=True), at=at))
    assert off is not None
    assert (off.method, off.event.is_cancelled) == ("cancel", True)


def test_nothing_that_is_written_makes_a_line_of_its_own() -> None:
    data = request(_meeting(), at=datetime(2026, 11, 24, tzinfo=UTC))
    assert data.count(b"\r\nBEGIN:VEVENT") == 1
    assert b"\r\nX:1" not in data
    assert max(map(len, data.split(b"\r\n"))) <= 75


def test_a_feed_names_nobody_and_keeps_whole_days() -> None:
    day = date(2026, 11, 26)
    whole = _meeting(starts=day, ends=day, is_all_day=True)
    data = feed([whole, _meeting(uid="two@relance")], name="Camille", at=datetime.now(UTC))
    assert b"ATTENDEE" not in data
    assert b"DTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261127" in data
    assert data.count(b"\r\nBEGIN:VEVENT") == 2
