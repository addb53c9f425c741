"""Real bounces: the public samples fetched by `bin/fetch-bounces`, never committed.

The recipients expected of the first set are those its own tests name. Of the second, whose own
tests name few, they were read by hand: `recipient@example.net`, or those in `PEOPLE`.
"""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from relance.mime.dsn import Report, reports
from relance.mime.parse import parse
from relance.mime.statuses import UNFOUND, Kind

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / ".cache" / "corpora" / "bounces"
LEAST_FOUND = 0.95
LEAST_AGREED = 0.90

STATUS_FIELD = re.compile(r"^final-recipient:\s*rfc822;\s*<?([^\s>]+)", re.I | re.M)
# not reports of an undelivered mail, or naming nobody
NO_REPORT = {
    *("aol-vacation", "autoreply", "bluebottle", "boxbe-cr", "boxbe-cr2", "no-message-collected"),
    *("polish-autoreply", "spam-bogus-email-in-report", "spam-with-image", "warning-6"),
    "whitelist",
}
PEOPLE = {
    "aol-senderblock": "mykewlaolacct@aol.com",
    "aol.attachment": "exampleuser@aol.com",
    "junkemailfilter": "fred@test.co.uk",
    "malformed-dns": "f.b@a.b.c",
    "misidentified-recipient": "john@b.co.uk",
    "non-autoreply": "hbsdpphvfex@blackwebportal.com",
    "not-a-relay": "a@example.com",
    "postfix": "bounce@dest.example.com",
    "postfix-host-unknown": "bounce@dest.example.com",
    "postfix-malformed": "exampleuser@yyahoo.com",
    "postfix-orig": "original@dest.example.com",
    "postfix-smtp-550": "luser@otherhost.invalid",
    "quota": "a@b.c",
    "rcpthosts": "john.smith@example.com",
    "relaying-denied": "a@example.com",
    "sendmail-host-unknown": "recipient@#example.net",
    "spamassassin": "exampleuser@exampleclient.com",
    "spambouncer": "a@example.com",
    "warning-1": "example@example.com",
    "warning-2": "c@example.co.uk",
    "warning-3": "1@server4.example.co.uk",
    "warning-4": "a@b.c",
    "warning-5": "a@b.c",
    "warning-7": "fred@mailgrp1.a.b.c",
    "warning-8": "fred.bloggs@alfred.b.c",
    "warning-9": "gail.windy@example.com",
    "iis-multiple-bounce": "bounced3@example.net",
}
SOFT = ("quota", "message-too-large", "long-smtp", "warning-4", "warning-7", "surfcontrol")
REFUSED = ("spam", "relaying", "not-a-relay", "rcpthosts", "aol-senderblock", "junkemail")
GONE = (
    *("doesnotexist", "rcpt-dne", "nomailbox", "mailbox-unknown", "user-unknown-dne", "cam-"),
    *("user-unknown-not.", "user-unknown-polish", "user-unknown-bad", "aol.unknown", "domino"),
    *("exchange.unknown", "gmail-via", "generic-postfix", "comcast", "cox-via", "msn-via"),
    *("hotmail-via", "me-user", "novell", "qmail.unknown", "yahoo-user", "badrcptto"),
    *("no-such-domain", "sendmail-host", "postfix-host", "iis-multiple", "warning-1", "warning-5"),
)


@cache
def samples(name: str) -> Path:
    """The folder of a set, or the test is skipped with the reason."""
    command = [sys.executable, ROOT / "bin" / "fetch-bounces"]
    fetched = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if not (SAMPLES / name).is_dir():
        pytest.skip(f"the samples could not be fetched: {fetched.stderr.strip()[:300]}")
    return SAMPLES / name


def read(path: Path) -> tuple[Report, ...]:
    return reports(path.read_bytes())


def named(found: tuple[Report, ...]) -> set[str]:
    return {a.lower() for r in found for a in (r.recipient, *r.also)}


def expected_of_flufl(folder: Path) -> dict[str, tuple[set[str], bool]]:
    """By file: who bounced, and whether only for now."""
    tree = ast.parse((folder / "test_detectors.py").read_text("utf-8"))
    table = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DETECTORS"
    )
    rows = ast.literal_eval(table)
    return {f: ({a.decode().lower() for a in who}, for_now) for _, f, who, for_now in rows if who}


@pytest.mark.slow
def test_recipients_of_the_first_set_are_found() -> None:
    folder = samples("flufl")
    wanted = found = 0
    for name, (people, for_now) in expected_of_flufl(folder).items():
        answers = read(folder / name)
        wanted += len(people)
        found += len(people & named(answers))
        if for_now:
            assert all(r.cause not in UNFOUND or r.kind is not Kind.HARD for r in answers), name
    print(f"\nflufl.bounce: {found} of {wanted} recipients found, {found / wanted:.1%}")
    assert found / wanted >= LEAST_FOUND


@pytest.mark.slow
def test_recipients_of_the_second_set_are_found() -> None:
    missed, total = [], 0
    for path in sorted(samples("perl").glob("*.msg")):
        if path.stem in NO_REPORT:
            continue
        total += 1
        answers = read(path)
        if not _wanted(path) & named(answers):
            missed.append(path.stem)
    share = 1 - len(missed) / total
    print(f"\nBounceParser: {total - len(missed)} of {total} found, {share:.1%}; not {missed}")
    assert share >= LEAST_FOUND


def _wanted(path: Path) -> set[str]:
    if path.stem in PEOPLE:
        return {PEOPLE[path.stem]}
    in_status = {a.lower() for a in STATUS_FIELD.findall(path.read_text("latin-1"))}
    return in_status or {"recipient@example.net"}


@pytest.mark.slow
def test_reports_are_known_as_such_on_arrival() -> None:
    known = total = 0
    for path in (*samples("flufl").glob("*.txt"), *samples("perl").glob("*.msg")):
        raw = path.read_bytes()
        if reports(raw):
            total += 1
            known += parse(raw).is_bounce
    print(f"\nknown as reports: {known} of {total}, {known / total:.1%}")
    assert known / total >= LEAST_FOUND


@pytest.mark.slow
def test_no_address_is_given_up_for_a_full_mailbox_a_delay_spam_or_policy() -> None:
    given_up = []
    for path in sorted(samples("perl").glob("*.msg")):
        if path.stem.startswith((*SOFT, *REFUSED)):
            given_up += [path.stem for r in read(path) if _is_given_up(r)]
    folder = samples("flufl")
    for name, (_, for_now) in expected_of_flufl(folder).items():
        if for_now:
            given_up += [name for r in read(folder / name) if _is_given_up(r)]
    print(f"\naddresses given up wrongly: {len(given_up)} {given_up}")
    assert not given_up


def _is_given_up(report: Report) -> bool:
    return report.kind is Kind.HARD and report.cause in UNFOUND


@pytest.mark.slow
def test_hard_and_soft_are_told_apart() -> None:
    agreed = total = 0
    for path in sorted(samples("perl").glob("*.msg")):
        soft, hard = path.name.startswith(SOFT), path.name.startswith((*GONE, *REFUSED))
        for report in read(path) if soft or hard else ():
            total += 1
            agreed += (report.kind is Kind.HARD) == hard
    print(f"\nhard and soft: {agreed} of {total} as expected, {agreed / total:.1%}")
    assert agreed / total >= LEAST_AGREED
