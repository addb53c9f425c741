"""Quotes of HTML mail, folded."""

import re

import pytest

from relance.mime.folding import fold_html
from relance.mime.sanitise import sanitise

FOLD = '<details class="quoted"><summary aria-label="…">…</summary>'


def shown(html: str) -> str:
    """The text that stays in sight once `html` is sanitised and folded."""
    safe = sanitise(html, cid_url=lambda _: None).html
    folded = fold_html(safe)
    assert folded.replace(FOLD, "").replace("</details>", "") == safe.replace("</details>", "")
    outside = re.sub(r'<details class="quoted">.*?</details>', "", folded, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", outside).split())


@pytest.mark.parametrize(
    "html",
    [
        '<div dir="ltr">MINE</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        'Le mar. 17 nov. 2026 à 17:26, X a écrit :<br></div><blockquote class="gmail_quote">old'
        "</blockquote></div>",
        '<div>MINE</div><div class="gmail_quote gmail_quote_container"><div>On Tue 17 Nov 2026 at '
        '17:26, X wrote:</div><blockquote type="cite">old</blockquote></div>',
        '<p class="MsoNormal">MINE</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;'
        'padding:3.0pt 0cm 0cm 0cm"><p><b>De :</b> X<br><b>Envoyé :</b> mardi<br><b>À :</b> Y<br>'
        "<b>Objet :</b> Z</p></div></div><p>old</p><p>older</p>",
        '<div>MINE</div><hr><div id="divRplyFwdMsg"><b>De :</b> X</div><div>old</div>',
        '<div>MINE</div><div id="x_divRplyFwdMsg">De : X</div><div>old</div>',
        '<p>MINE</p><div class="moz-cite-prefix">Le 03/11/2026 à 10:02, X a écrit :<br></div>'
        '<blockquote type="cite"><p>old</p></blockquote>',
        '<div>MINE</div><div><br><blockquote type="cite"><div>Le 3 nov. 2026 à 10:02, X a écrit :'
        "</div><div>old</div></blockquote></div>",
        '<div>MINE</div><div class="yahoo_quoted">old</div>',
        '<div>MINE</div><div class="protonmail_quote">old</div>',
        '<div>MINE</div><div class="zmail_extra">old</div>',
        '<div>MINE</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">De'
        '</div><div data-marker="__QUOTED_TEXT__">old</div>',
        "<p>MINE</p><hr><p><b>From:</b> X<br><b>Sent:</b> Tuesday<br><b>To:</b> Y</p><p>old</p>",
        "<p>MINE</p><p>On 3 Nov 2026, at 10:02, X wrote:</p><blockquote>old</blockquote>",
    ],
)
def test_what_a_client_quotes_is_folded(html: str) -> None:
    assert shown(html) == "MINE"


def test_words_between_two_quotes_stay_in_sight() -> None:
    html = (
        '<blockquote type="cite">q1</blockquote><p>ONE</p><blockquote type="cite">q2</blockquote>'
        "<p>TWO</p>"
    )
    assert shown(html) == "ONE TWO"
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On 3 Nov 2026 at 10:02, X wrote:</div>'
        '<blockquote class="gmail_quote">q1</blockquote><div>ONE</div>'
        '<blockquote class="gmail_quote">q2</blockquote></div>'
    )
    assert shown(html) == "ONE"


def test_words_after_the_quoted_element_stay_in_sight() -> None:
    html = "<div><p>MINE</p><div id=divRplyFwdMsg>x</div><p>old</p></div><p>FOOTER</p>"
    assert shown(html) == "MINE FOOTER"


@pytest.mark.parametrize(
    "html",
    [
        '<blockquote type="cite">only</blockquote>',
        '<div class="gmail_quote">only</div>',
        "<div id=divRplyFwdMsg>only</div><p>that</p>",
    ],
)
def test_a_mail_that_is_only_a_quote_stays_open(html: str) -> None:
    safe = sanitise(html, cid_url=lambda _: None).html
    assert fold_html(safe) == safe


@pytest.mark.parametrize(
    "html",
    [
        "<p>a</p><blockquote>an indented paragraph</blockquote><p>b</p>",
        '<div style="border-top:solid 1px">a newsletter section</div><p>text</p>',
        "<p>a</p><hr><p>b</p>",
        "",
        "plain",
    ],
)
def test_what_only_looks_like_a_quote_stays_open(html: str) -> None:
    assert FOLD not in fold_html(sanitise(html, cid_url=lambda _: None).html)


def test_the_label_is_escaped() -> None:
    html = '<p>a</p><blockquote type="cite">b</blockquote>'
    assert 'aria-label="&quot;&lt;x&gt;"' in fold_html(html, label='"<x>')


@pytest.mark.parametrize(
    "html", ["<div><p>", "</div></div>", "<div", '<div class="gmail_quote', "<>"]
)
def test_html_that_is_not_sanitised_does_no_harm(html: str) -> None:
    assert fold_html(html) == html
