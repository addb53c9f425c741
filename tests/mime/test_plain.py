"""HTML to text, and text to HTML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.mime.plain import html_to_text
from relance.mime.text_html import linked, text_to_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "a\n\nb"),
        ("a  \n  b", "a b"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<head><title>t</title></head><body>b</body>", "b"),
        ("<style>p{}</style><script>x</script>a<!-- c -->b", "ab"),
        ("<!--[if mso]><p>x</p><![endif]-->y", "y"),
        ("&eacute;&amp;&lt;&nbsp;&#8364;", "é&< €"),
        ("a<blockquote>b<br>c</blockquote>d", "a\n> b\n> c\nd"),
        ("a<blockquote>b<blockquote>c</blockquote></blockquote>", "a\n> b\n>> c"),
        ("<a href='x'>link</a> <img alt=x>", "link"),
        ("pre\u200bhead\u00ader\u034f", "preheader"),
        ("<p>a < b</p>", "a < b"),
        ("İ<style>x</style>b", "İb"),
        ("<script>never closed", ""),
        ("<head>never closed <p>x</p>", "never closed\n\nx"),
        ("", ""),
        ("no tags", "no tags"),
    ],
)
def test_html_becomes_readable_text(html: str, text: str) -> None:
    found = html_to_text(html)
    assert [line for line in found.split("\n") if line.strip()] == [
        line for line in text.split("\n") if line.strip()
    ]


@given(st.text(alphabet="<>/!-&;abp\n\x02\x03\"' é", max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_html_gives_text_without_private_marks(html: str) -> None:
    text = html_to_text(html)
    assert "\x02" not in text
    assert "\x03" not in text


def test_text_becomes_paragraphs_and_lines() -> None:
    assert text_to_html("a\nb\n\nc") == "<p>a<br>\nb</p>\n<p>c</p>"
    assert text_to_html("") == ""


def test_text_is_escaped() -> None:
    found = text_to_html("<script>alert('1')</script> & \"x\"")
    assert "<script" not in found
    assert "&lt;script&gt;" in found


@pytest.mark.parametrize(
    ("text", "target", "rest"),
    [
        ("see https://x.example/a?b=1&c=2.", "https://x.example/a?b=1&amp;c=2", "."),
        ("(https://x.example/a_(b))", "https://x.example/a_(b)", ")"),
        ("www.x.example", "https://www.x.example", ""),
        ("a@b.example,", "mailto:a@b.example", ","),
        ("<https://x.example>", "https://x.example", "&gt;"),
        ("«https://x.example»", "https://x.example", "»"),
    ],
)
def test_addresses_become_links(text: str, target: str, rest: str) -> None:
    found = linked(text)
    assert f'href="{target}"' in found
    assert found.endswith(f"</a>{rest}")
    assert 'rel="noopener noreferrer nofollow"' in found


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "@", "a@b", "http://", "x@@y.example", "data:x"]
)
def test_what_is_no_address_is_no_link(text: str) -> None:
    assert "<a " not in linked(text) or 'href="http' in linked(text)
    assert 'href="javascript' not in linked(text)


def test_a_link_cannot_break_out_of_its_attribute() -> None:
    found = linked("https://x.example/\"onmouseover=alert(1) https://x.example/'>x")
    assert '"onmouseover' not in found


def test_quotes_and_signatures_of_text_are_marked() -> None:
    found = text_to_html("oui\n\n> old\n\n-- \nMarion", quote_label="Citation")
    assert '<details class="quoted"><summary aria-label="Citation">' in found
    assert "<blockquote><p>&gt; old</p></blockquote>" in found
    assert '<div class="signature"><p>-- <br>\nMarion</p></div>' in found


def test_a_text_that_is_only_a_quote_stays_open() -> None:
    assert "<details" not in text_to_html("> old")
