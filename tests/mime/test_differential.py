"""Well-formed mail, read by the standard library and by ourselves: they agree."""

import email
import email.policy
from datetime import UTC, datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.parse import parse, part_content

_WORDS = st.text(
    alphabet=st.characters(codec="utf-8", categories=["L", "N"], include_characters=" ’,-!€«»"),
    min_size=1,
    max_size=60,
).map(lambda text: " ".join(text.split()) or "x")
_LATIN = st.text(alphabet="abcdefghij éèàçùêîôü ABC 0123", min_size=1, max_size=200)
# Python folds long lists of people wrongly (it encodes the comma between them): see test_headers.
_POLICY = email.policy.SMTP.clone(max_line_length=900)
# Not both at once: the standard library then writes what it cannot read itself.
_NAMES = st.one_of(
    st.text(alphabet="abcXYZ '.,()\"\\-@:;<>", max_size=25),
    st.text(alphabet="abcXYZ éèüñç-", max_size=40),
).map(lambda text: " ".join(text.split()))
_LOCALS = st.from_regex(r"\A[a-z][a-z0-9]{0,8}(?:[.+_-][a-z0-9]{1,8}){0,2}\Z")
_DOMAINS = st.from_regex(r"\A[a-z][a-z0-9-]{0,8}[a-z]\.example\Z")
_PEOPLE = st.builds(HeaderAddress, _NAMES, _LOCALS, _DOMAINS)
_TEXTS = st.lists(_WORDS, max_size=8).map("\n".join)
_FILES = st.tuples(
    st.from_regex(r"\A[a-zA-Z0-9é ]{1,40}\.[a-z]{3}\Z").map(lambda n: " ".join(n.split())),
    st.binary(max_size=300),
)
_DATES = st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)


@st.composite
def mails(draw: st.DrawFn) -> EmailMessage:
    """A mail of any common shape, made by the standard library."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = draw(_PEOPLE)
    message["To"] = draw(st.lists(_PEOPLE, min_size=1, max_size=4))
    if draw(st.booleans()):
        message["Cc"] = draw(st.lists(_PEOPLE, min_size=1, max_size=3))
    message["Subject"] = draw(_WORDS)
    message["Date"] = draw(_DATES)
    message["Message-ID"] = f"<{draw(_LOCALS)}@{draw(_DOMAINS)}>"
    encoding = draw(st.sampled_from(["quoted-printable", "base64", "8bit"]))
    charset = draw(st.sampled_from(["utf-8", "iso-8859-1", "windows-1252"]))
    text = draw(_TEXTS if charset == "utf-8" else _LATIN)
    message.set_content(text, charset=charset, cte=encoding)
    if draw(st.booleans()):
        message.add_alternative(f"<p>{draw(_WORDS)}</p>", subtype="html")
    for name, content in draw(st.lists(_FILES, max_size=2)):
        message.add_attachment(content, maintype="application", subtype="x-test", filename=name)
    return message


def squeezed(text: object) -> str:
    return " ".join(str(text).split())


@given(mails())
@settings(max_examples=100, deadline=None)
def test_we_agree_with_the_standard_library(made: EmailMessage) -> None:
    raw = made.as_bytes()
    theirs = email.message_from_bytes(raw, policy=email.policy.default)
    ours = parse(raw)
    assert ours.subject == squeezed(theirs["subject"])
    assert ours.message_id == theirs["message-id"].strip("<> ")
    assert ours.date == theirs["date"].datetime
    for name in ("from", "to", "cc"):
        field = theirs[name]
        expected = [a.addr_spec for a in field.addresses] if field else []
        found = getattr(ours, "from_" if name == "from" else name)
        assert [a.address for a in found] == expected
        names = [squeezed(a.display_name) for a in field.addresses] if field else []
        bare = str.maketrans("", "", "'\" ")
        assert [a.name.translate(bare) for a in found] == [n.translate(bare) for n in names]
    plain, html = theirs.get_body(("plain",)), theirs.get_body(("html",))
    assert plain is not None
    if plain.get_content().strip() or html is None:
        assert ours.text.split() == plain.get_content().split()
    assert ours.html.split() == (html.get_content().split() if html else [])
    assert ours.defects == ()


@given(mails())
@settings(max_examples=50, deadline=None)
def test_attachments_are_the_same_bytes(made: EmailMessage) -> None:
    raw = made.as_bytes()
    theirs = email.message_from_bytes(raw, policy=email.policy.default)
    ours = [part for part in parse(raw).parts if part.is_attachment]
    expected = list(theirs.iter_attachments())
    assert [part.filename for part in ours] == [a.get_filename() for a in expected]
    for part, attachment in zip(ours, expected, strict=True):
        content = attachment.get_content()
        assert part_content(raw, part.index) == content
        assert part.size == len(content)
        assert part.content_type == attachment.get_content_type()
