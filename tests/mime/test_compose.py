"""What leaves: read back by the standard library and by ourselves."""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.compose import (
    Composition,
    attribution,
    build,
    new_message_id,
    quote_text,
    reply_subject,
    written_address,
)
from relance.mime.message import Address
from relance.mime.parse import parse

AT = datetime(2026, 11, 17, 17, 26, tzinfo=timezone(timedelta(hours=1)))
CAMILLE = Address("Camille Laurent", "camille@clarte.example")
ELOISE = Address("Éloïse Garnier, Hôtel", "eloise@belle-rive.example")


def composed(**changes: object) -> bytes:
    values: dict[str, object] = {
        "from_": CAMILLE,
        "to": (ELOISE,),
        "subject": "Devis",
        "text": "Bonjour\n",
        "message_id": "id-1@clarte.example",
        "date": AT,
    }
    return build(Composition(**(values | changes)))  # type: ignore[arg-type]


def test_every_line_ends_with_crlf_and_is_seven_bit() -> None:
    raw = composed(subject="Dévis à l’hôtel " * 20, text="Ça va ?\n" * 50 + "x" * 5_000)
    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.endswith(b"\r\n")


def test_both_parsers_read_back_what_was_written() -> None:
    text = "Bonjour Éloïse,\n\nVoici le devis : 80 €.\n.\n..\nFrom Paris\n"
    raw = composed(
        subject="Dévis « salon »",
        text=text,
        cc=(Address('Jean "JD" Dupont', "jd@x.example"),),
        in_reply_to="old@x.example",
        references=("root@x.example", "old@x.example"),
    )
    ours = parse(raw)
    theirs = email.message_from_bytes(raw, policy=email.policy.default)
    assert ours.subject == theirs["subject"] == "Dévis « salon »"
    assert ours.from_ == (CAMILLE,)
    assert ours.to == (ELOISE,)
    assert theirs["to"].addresses[0].display_name == ELOISE.name
    assert ours.cc == (Address('Jean "JD" Dupont', "jd@x.example"),)
    assert theirs["cc"].addresses[0].display_name == 'Jean "JD" Dupont'
    assert ours.date == AT
    assert ours.in_reply_to == ("old@x.example",)
    assert ours.references == ("root@x.example", "old@x.example")
    assert ours.text == text.rstrip()
    assert theirs.get_content().replace("\r\n", "\n") == text
    assert ours.defects == ()


@given(
    text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300),
    subject=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=120),
    name=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=60),
)
@settings(max_examples=150, deadline=None)
def test_any_text_comes_through(text: str, subject: str, name: str) -> None:
    raw = composed(text=text, subject=subject, from_=Address(name, "a@b.example"))
    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    message = parse(raw)
    expected = re.sub(r"\r\n?", "\n", text.replace("\x00", ""))
    assert [line.rstrip() for line in message.text.split("\n")] == [
        line.rstrip() for line in expected.strip("\n").rstrip().split("\n")
    ] or message.text.strip() == expected.strip()
    assert message.subject == " ".join(subject.split())
    assert message.from_[0].address == "a@b.example"


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@evil.example", "a\nX: y", "a\r\n\r\nbody", "a\x00b"])
def test_no_header_can_be_injected(evil: str) -> None:
    raw = composed(
        subject=evil,
        from_=Address(evil, "a@b.example"),
        message_id=evil,
        in_reply_to=evil,
        references=(evil,),
    )
    names = [line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    assert b"Bcc" not in names
    assert b"X" not in names
    assert b"\x00" not in raw
    assert parse(raw).bcc == ()
    assert parse(raw).text == "Bonjour"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "@b.example",
        "a@",
        "a b@c.example",
        "a@b.example>",
        "a@b\r\nX: y",
        "a,b@c.example",
        "<a@b>",
    ],
)
def test_an_address_that_cannot_be_written_to_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="written to"):
        written_address(address)
    with pytest.raises(ValueError, match="written to"):
        composed(to=(Address("", address),))


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        composed(date=AT.replace(tzinfo=None))


def test_an_international_domain_is_written_in_ascii() -> None:
    assert written_address("a@clarté.example") == "a@xn--clart-fsa.example"


def test_blind_copies_are_never_written() -> None:
    assert b"secret" not in composed(bcc=(Address("", "secret@x.example"),))


def test_long_references_are_bounded_and_never_encoded() -> None:
    ids = tuple(f"{'x' * 120}{n}@mail.example" for n in range(60))
    raw = composed(references=ids)
    assert parse(raw).references == ids[:1] + ids[-19:]
    assert b"=?" not in raw[raw.index(b"References:") :]


def test_many_recipients_are_folded() -> None:
    people = tuple(Address(f"Personne {n}", f"p{n}@x.example") for n in range(500))
    raw = composed(to=people)
    assert max(len(line) for line in raw.split(b"\r\n")) < 100
    assert parse(raw).to == people


def test_a_text_that_is_hardly_ascii_is_carried_in_base64() -> None:
    raw = composed(text="日本語のテキスト\n" * 5)
    assert b"Content-Transfer-Encoding: base64" in raw
    assert parse(raw).text == "\n".join(["日本語のテキスト"] * 5)


def test_message_ids_are_fresh_and_say_nothing() -> None:
    one, two = new_message_id("clarte.example"), new_message_id("clarte.example")
    assert one != two
    assert re.fullmatch(r"[0-9a-f]{32}@clarte\.example", one)
    assert new_message_id("").endswith("@localhost")
    assert "\r" not in new_message_id("a\r\nb")
    assert new_message_id("clarté.example").isascii()


@pytest.mark.parametrize(
    ("subject", "reply"),
    [("Devis", "Re: Devis"), ("Re: Devis", "Re: Devis"), ("RE : Devis", "RE : Devis"), ("", "Re:"),
     ("AW: Devis", "AW: Devis"), ("TR: Devis", "Re: TR: Devis"), ("a\r\nb", "Re: a  b")],
)  # fmt: skip
def test_a_reply_has_one_prefix(subject: str, reply: str) -> None:
    assert " ".join(reply_subject(subject).split()) == " ".join(reply.split())


def test_quoting_marks_each_line() -> None:
    assert quote_text("a\n\n> b\r\nc  \n\n", "X wrote:") == "X wrote:\n> a\n>\n>> b\n> c"


def test_attributions_are_in_the_writer_s_language() -> None:
    assert attribution("Camille Laurent", AT, "fr") == (
        "Le mar. 17 nov. 2026 à 17:26, Camille Laurent a écrit\u00a0:"
    )
    assert attribution("Camille", AT, "en-gb") == "On Tue 17 Nov 2026 at 17:26, Camille wrote:"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_our_own_quotes_are_recognised_again(language: str) -> None:
    line = attribution("Camille", datetime(2026, 8, 4, 9, 5, tzinfo=UTC), language)
    raw = composed(text="Oui.\n\n" + quote_text("Bonjour\n\nÇa va ?", line))
    assert parse(raw).snippet == "Oui."
