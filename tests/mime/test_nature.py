"""Automatic, bulk, bounces; and what the receiving server says of the sender."""

import pytest

from relance.mime.parse import parse
from tests.mime.bounces import complaint
from tests.mime.letters import entity, headed, letter, multipart, whole


@pytest.mark.parametrize(
    "line",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated; owner=x",
        b"Precedence: auto_reply",
        b"X-Autoreply: yes",
        b"X-Auto-Response-Suppress: All",
        b"Return-Path: <>",
    ],
)
def test_automatic_mail_says_so(line: bytes) -> None:
    assert parse(letter(b"x", line)).is_auto


@pytest.mark.parametrize(
    "sender",
    [
        b"no-reply@x.example",
        b"noreply@x.example",
        b"ne-pas-repondre@x.example",
        b"donotreply@x.example",
    ],
)
def test_nobody_reads_a_no_reply_address(sender: bytes) -> None:
    assert parse(headed(b"From: X <" + sender + b">")).is_auto


@pytest.mark.parametrize(
    "line", [b"Auto-Submitted: no", b"Precedence: normal", b"Return-Path: <a@b.example>"]
)
def test_a_person_s_mail_is_not_automatic(line: bytes) -> None:
    message = parse(letter(b"x", line))
    assert not message.is_auto
    assert not message.is_bulk
    assert not message.is_bounce


@pytest.mark.parametrize(
    "line",
    [
        b"List-Id: News <news.x.example>",
        b"List-Unsubscribe: <mailto:u@x>",
        b"Precedence: bulk",
        b"Feedback-ID: 1:x",
    ],
)
def test_bulk_mail_says_so(line: bytes) -> None:
    assert parse(letter(b"x", line)).is_bulk


def test_a_list_is_known_by_its_id() -> None:
    assert parse(letter(b"x", b"List-Id: The News <news.x.example>")).list_id == "news.x.example"
    assert parse(letter(b"x", b"List-Id: news.x.example")).list_id == "news.x.example"


def test_a_delivery_report_is_a_bounce() -> None:
    status = entity("message/delivery-status", b"Final-Recipient: rfc822; a@b.example")
    raw = whole(multipart("report", entity("text/plain", b"Sorry"), status))
    message = parse(raw)
    assert message.is_bounce
    assert message.is_auto


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        (b"MAILER-DAEMON@x.example", b"Undelivered Mail Returned to Sender"),
        (b"postmaster@x.example", b"=?utf-8?q?Message_non_remis?="),
        (
            b"Mail Delivery System <MAILER-DAEMON@x.example>",
            b"Delivery Status Notification (Failure)",
        ),
    ],
)
def test_a_report_in_plain_words_is_a_bounce(sender: bytes, subject: bytes) -> None:
    assert parse(headed(b"From: " + sender, b"Subject: " + subject)).is_bounce


def test_a_read_receipt_or_a_postmaster_s_letter_is_no_bounce() -> None:
    receipt = multipart(
        "report; report-type=disposition-notification", entity("text/plain", b"read")
    )
    assert not parse(whole(receipt)).is_bounce
    assert not parse(headed(b"From: postmaster@x.example", b"Subject: Bonjour")).is_bounce
    assert not parse(headed(b"From: a@x.example", b"Subject: Undelivered parcel")).is_bounce


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        (b"", "none"),
        (b"mx.example; none", "none"),
        (
            b"mx; spf=pass smtp.mailfrom=clarte.example; dkim=none; dmarc=pass",
            "pass",
        ),
        (b"mx; dkim=pass header.d=clarte.example; dmarc=fail header.from=clarte.example", "fail"),
        (b"mx; dkim=pass header.i=@clarte.example header.s=a", "pass"),
        (b"mx; dkim=pass header.d=mail.clarte.example", "pass"),
        (b"mx; spf=pass smtp.mailfrom=bounce@clarte.example", "pass"),
        (b"mx; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=a@evil.example", "none"),
        (b"mx; dkim=pass header.d=notclarte.example", "none"),
        (b"mx; spf=fail smtp.mailfrom=clarte.example; dkim=none", "fail"),
        (b"mx; dmarc=none; dkim=pass header.d=clarte.example", "pass"),
        (b"mx; dmarc=temperror", "none"),
    ],
)
def test_authentication_counts_for_the_sender_s_own_domain(results: bytes, verdict: str) -> None:
    assert parse(letter(b"x", b"Authentication-Results: " + results)).authentication == verdict


def test_only_the_topmost_results_count() -> None:
    raw = letter(
        b"x", b"Authentication-Results: mx; dmarc=fail", b"Authentication-Results: evil; dmarc=pass"
    )
    assert parse(raw).authentication == "fail"


def test_a_mail_daemon_only_reports_whatever_its_subject() -> None:
    assert parse(headed(b"From: MAILER-DAEMON@mx.example", b"Subject: Processing Error")).is_bounce
    assert not parse(headed(b"From: mailer.daemonov@mx.example", b"Subject: Devis")).is_bounce


def test_a_postmaster_may_write_and_reports_when_the_subject_says_so() -> None:
    assert not parse(headed(b"From: postmaster@mx.example", b"Subject: Maintenance")).is_bounce
    subject = b"Subject: Votre message est non remis"
    assert parse(headed(b"From: postmaster@mx.example", subject)).is_bounce


def test_a_complaint_is_a_report() -> None:
    assert parse(complaint()).is_bounce
