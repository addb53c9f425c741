"""Placeholders: what is replaced, what is left, what is said."""

import re
import time

import pytest
from django.utils import translation
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from relance.criteria import fields
from relance.writing import merge

VALUES = {
    "Person.firstName": "Éloïse",
    "Person.lastName": None,
    "Person.title": "   ",
    "Person.name": '<img src=x onerror="alert(1)">',
    "Person.city": "{User.name} {{Person.firstName}} {x}",
    "Person.source": "a\r\nBcc: eve@evil.example\x0b\u2028z",
    "Account.address": "8 quai des Forges\n69007 Lyon",
    "Deal.amount": "48\u00a0000\u00a0€",
    "User.signature": mark_safe("<b>Camille</b><br>Clarté"),
}

pytestmark = pytest.mark.django_db  # the administrator's own fields may be named


def values(entity: str, name: str) -> str | None:
    return VALUES.get(f"{entity}.{name}")


def html(text: str) -> str:
    return merge.render_html(text, values).text


def missing(text: str) -> list[str]:
    return [p.code for p in merge.render_html(text, values).missing]


def test_a_placeholder_becomes_its_value_in_text_and_html() -> None:
    assert html("<p>Hello {Person.firstName},</p>") == "<p>Hello Éloïse,</p>"
    assert merge.render_text("Hello {Person.firstName}", values).text == "Hello Éloïse"


@pytest.mark.parametrize(
    "written",
    [
        "{{Person.firstName}}",
        "{ Person.firstName }",
        "{contact.firstname}",
        "{Person . firstName}",
        "{Person.firstName&nbsp;}",
        "{\u200bPerson.\u200bfirstName}",
        "{Lead.firstName|you}",
    ],
)
def test_other_ways_to_write_it_are_understood(written: str) -> None:
    assert html(f"<p>{written}</p>") == "<p>Éloïse</p>"


@pytest.mark.parametrize(
    "text",
    [
        "<style>p{Color.red} .a{color:red}</style>",
        '{"entity": {"a.b": 1}}',
        "function () { window.location }",
        "{window.location}",
        "{see page.4}",
        "{Cf. annex}",
        "{}",
        "{ }",
        "{{}}",
        "{Person}",
        "{1.2}",
        "a { b } c",
        "<!-- {Person.firstName} -->",
        "{color:#fff}",
    ],
)
def test_other_braces_are_left_as_they_are(text: str) -> None:
    rendered = merge.render_html(text, values)
    assert rendered.text == text
    assert rendered.missing == ()
    assert merge.check(text) == []


def test_an_unknown_name_is_told_and_never_stays_in_the_text() -> None:
    text = "{Person.frstName} {Invoice.total} {Person.frstName|you}"
    assert merge.check(text) == ["Person.frstName", "Invoice.total"]
    assert html(text).strip() == "you"
    assert missing(text) == ["Person.frstName", "Invoice.total"]


def test_an_empty_value_takes_the_fallback_or_is_named_as_missing() -> None:
    assert html("{Person.lastName|dear &amp; <3 customer}") != ""
    assert html("{Person.lastName|dear &amp; good}") == "dear &amp; good"
    assert html("{Person.lastName|}") == ""
    assert missing("{Person.lastName|}{Person.title|x}") == []
    assert missing("{Person.lastName} {Person.title} {Person.lastName}") == [
        "Person.lastName",
        "Person.title",
    ]


def test_a_value_is_escaped_wherever_it_stands() -> None:
    assert "<img" not in html("<p>{Person.name}</p>")
    assert html('<a title="{Person.name}">x</a>').count('"') == 2
    link = html('<a href="https://x.example/?q={Person.name}">x</a>')
    assert "<img" not in link
    assert link.count('"') == 2
    assert html('<a href="{Person.source}">x</a>').startswith('<a href="a%0D%0ABcc%3A')


def test_a_placeholder_in_a_link_that_was_percent_encoded_is_understood() -> None:
    text = '<a href="https://x.example/%7BPerson.firstName%7Cyou%7D">x</a>'
    assert html(text) == '<a href="https://x.example/%C3%89lo%C3%AFse">x</a>'
    assert html('<a href="https://x.example/%7Bother%7D">x</a>').count("%7Bother%7D") == 1


def test_an_attribute_that_shows_no_text_is_not_filled_and_stops_the_sending() -> None:
    text = '<p style="color:{Person.firstName}" onclick="{Person.firstName}">x</p>'
    assert html(text) == text
    assert missing(text) == ["Person.firstName"]


def test_a_value_with_braces_is_read_neither_now_nor_later() -> None:
    assert html("{Person.city}") == "(User.name) (Person.firstName) {x}"
    assert html(html("{Person.city}")) == html("{Person.city}")


def test_no_line_end_and_no_control_come_out_of_a_subject() -> None:
    subject = merge.render_text("Offer {Person.source}\nX: y", values, one_line=True).text
    assert subject == "Offer a Bcc: eve@evil.example z X: y"


def test_lines_of_a_value_are_lines_in_html() -> None:
    assert html("{Account.address}") == "8 quai des Forges<br>69007 Lyon"
    assert merge.render_text("{Account.address}", values).text == VALUES["Account.address"]


def test_html_is_inserted_only_when_it_is_declared_safe_and_read_in_text() -> None:
    assert html("<p>{User.signature}</p>") == "<p><b>Camille</b><br>Clarté</p>"
    assert merge.render_text("{User.signature}", values).text == "Camille\nClarté"


@pytest.mark.parametrize(
    "text",
    [
        "{Person.<b>firstName</b>}",
        "<b>{</b>Person.firstName}",
        "{Person.<!-- -->firstName}",
        "&#123;Person.firstName&#125;",
        "&lbrace;Person.firstName&rbrace;",
        "{Person.first\u200bName}",
        "{Person.firstName|dear <b>customer</b>}",
        "{Person.<br>firstName}",
        "{Person.firstName<a href='x'>}</a>",
    ],
)
def test_a_placeholder_cut_up_by_formatting_is_reported_so_that_it_never_leaves(
    text: str,
) -> None:
    assert missing(text) == ["Person.firstName"]
    assert [p.code for p in merge.cut_up(text)] == ["Person.firstName"]


def test_a_whole_one_beside_one_cut_up_is_still_replaced() -> None:
    text = "{Person.firstName} {Person.<i>firstName</i>}"
    assert html(text).startswith("Éloïse {")
    assert len(merge.cut_up(text)) == 1


def test_a_preview_marks_what_was_put_in_and_what_is_missing() -> None:
    shown = merge.render_html("{Person.name} {Person.lastName}", values, marked=True).text
    assert shown.startswith("<mark>&lt;img")
    assert '<span class="var var--miss">' in shown


def test_a_subject_is_listed_with_the_names_of_its_fields() -> None:
    with translation.override("en"):
        assert merge.named("For {Deal.name|it} {x} {No.no}") == "For [Deal: name] {x} [No.no]"


def test_a_fallback_is_written_where_none_was() -> None:
    text = "{Person.lastName} {person.lastName|you} {Person.firstName}"
    done = merge.with_fallback(text, "Person.lastName", "<dear> {x}", is_html=True)
    assert done == "{Person.lastName|&lt;dear&gt; x} {person.lastName|you} {Person.firstName}"


@pytest.mark.parametrize(
    "hostile",
    [
        "{" * 300_000,
        "{Person." * 60_000,
        "{Person.firstName|" * 30_000,
        "{Person" + " " * 300_000,
        "{Person" + "&nbsp;" * 60_000,
        "{Person.firstName" + ".a" * 100_000,
        "<" * 300_000,
        "<a " * 100_000,
        "<style>" * 50_000,
        "<!--" * 80_000,
        '<a href="' + "{Person.firstName}" * 15_000 + '">',
        "<a " + "%7B" * 100_000,
        "{{" * 100_000 + "}}" * 100_000,
    ],
)
def test_hostile_text_takes_no_longer_than_long_text(hostile: str) -> None:
    started = time.perf_counter()
    merge.render_html(hostile, values)
    merge.check(hostile)
    assert time.perf_counter() - started < 5


_codes = st.deferred(
    lambda: st.sampled_from(
        [field.code for entity in fields.entities() for field in fields.fields_of(entity.name)]
    )
)
_plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}<>&%"), max_size=12)
_noise = st.sampled_from(["{", "}", "<b>", "</b>", "<p>", "{}", "p{color:red}", '{"a":1}', "&amp;"])
_fallback = st.one_of(st.just(""), _plain.map(lambda text: "|" + text))
_known = st.builds(
    lambda code, more, doubled: f"{{{{{code}{more}}}}}" if doubled else f"{{{code}{more}}}",
    _codes,
    _fallback,
    st.booleans(),
)
_RAW = re.compile(r"\{\s*(?:Person|Account|Deal|User|Organisation)\s*\.\s*\w+[^{}]*\}")


@given(st.lists(st.one_of(_plain, _noise, _known), max_size=25).map("".join))
def test_no_placeholder_of_a_known_form_survives_unsaid(text: str) -> None:
    rendered = merge.render_html(text, lambda _entity, _name: "«v»")
    left = _RAW.search(re.sub(r"<[^>]*>", "", rendered.text))
    assert left is None or rendered.missing


@given(st.text(max_size=200))
def test_any_text_is_rendered_without_an_error(text: str) -> None:
    merge.render_html(text, values)
    merge.render_text(text, values, one_line=True)
    merge.check(text)


@given(st.lists(st.one_of(_plain, _known), max_size=10).map("".join), st.text(max_size=40))
def test_no_value_opens_a_tag(text: str, value: str) -> None:
    rendered = merge.render_html(f"<p>{text}</p>", lambda _entity, _name: value)
    inside = rendered.text[3:-4].replace("<br>", "")
    assert "<" not in inside
    assert ">" not in inside


@given(st.text(max_size=60))
def test_a_merged_subject_is_one_line(value: str) -> None:
    merged = merge.render_text("Re: {Person.name}!", lambda *_: value, one_line=True).text
    assert len(merged.splitlines()) <= 1
