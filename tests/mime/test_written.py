"""What one of our own writes, made fit to leave; what a reader sees of what others wrote."""

from __future__ import annotations

import base64
import random
import time

import pytest

from relance.mime.visible import without_hidden
from relance.mime.written import clean, split_signature

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()


def test_what_the_editor_makes_stays_as_it_is() -> None:
    html = (
        '<div>Bonjour <b>Alice</b>, <i>voici</i> <u>le</u> <a href="https://x.example/a?b=1&amp;c=2">'
        "lien</a></div><ul><li>un</li><li>deux</li></ul><blockquote>cité</blockquote><p><br></p>"
        '<p><img src="cid:abc@clarte.example" alt="Plan" width="300"></p>'
        '<div class="signature" data-marker="signature">Camille</div>'
    )
    assert clean(html).html == html


def test_placeholders_and_braces_are_text() -> None:
    html = "<p>Cher {Person.firstName|Monsieur}, a{b} &lt;c&gt;</p>"
    assert clean(html).html == html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example/x></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<img src='data:text/html;base64,PHNjcmlwdD4='>",
        "<img src='https://evil.example/p.gif'>",
        "<img src='//evil.example/p.gif'>",
        "<img srcset='https://evil.example/p.gif 2x'>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<a href='vbscript:x'>x</a>",
        "<div style='background-image:url(https://evil.example)'>x</div>",
        "<div style='background:\\75rl(https://evil.example)'>x</div>",
        "<div style='behavior:url(#x)'>x</div>",
        "<p style='position:fixed;top:0'>x</p>",
        "<svg onload=alert(1)><use href='data:x'></svg>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<iframe src='https://evil.example'></iframe>",
        "<object data='https://evil.example'></object><embed src=x>",
        "<form action='https://evil.example'><button>x</button></form>",
        "<base href='https://evil.example/'>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<link rel=stylesheet href='https://evil.example/x.css'>",
        "<style>@import url(https://evil.example)</style>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<xmp><img src=x onerror=alert(1)></xmp>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<math><mtext><table><mglyph><style><!--</style>"
        "<img title='--&gt;&lt;img src=1 onerror=1&gt;'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<table background='https://evil.example/x'><tr><td background='https://evil.example'>x",
        "<video src=x poster='https://evil.example'></video>",
        "<input autofocus onfocus=alert(1)>",
        "<details open ontoggle=alert(1)>x</details>",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(hostile: str) -> None:
    made = clean(f"<p>before</p>{hostile}<p>after</p>").html.lower()
    for word in ("<script", "onerror", "onload", "onfocus", "ontoggle", "javascript:", "vbscript",
                 "evil.example", "<iframe", "<form", "<object", "<style", "<svg", "<math", "<base",
                 "<meta", "<link", "data:", "position", "srcset"):  # fmt: skip
        assert word not in made
    assert clean(made).html == made, "cleaning again changes nothing"


def test_an_image_in_place_is_handed_over_once() -> None:
    kept: list[tuple[str, bytes]] = []

    def keep(content_type: str, data: bytes) -> str | None:
        kept.append((content_type, data))
        return "new@x"

    image = f'<img src="data:image/PNG;base64,{PNG}" alt="a">'
    made = clean(f"<p>{image}{image}</p>", keep_image=keep)
    assert made.html.count('src="cid:new@x"') == 2
    assert [content_type for content_type, _ in kept] == ["image/png"]
    assert kept[0][1].startswith(b"\x89PNG")
    assert made.left_out == 0


@pytest.mark.parametrize("source", ["data:image/png;base64,!!!", "data:image/svg+xml;base64,AAAA",
                                    f"data:image/png;base64,{PNG}"])  # fmt: skip
def test_an_image_that_cannot_be_kept_is_left_out_and_counted(source: str) -> None:
    made = clean(f'<p>a<img src="{source}">b</p>', keep_image=lambda _type, _data: None)
    assert made.html == "<p>ab</p>"
    assert made.left_out == 1


def test_nonsense_never_raises_and_takes_linear_time() -> None:
    chance = random.Random(7)
    alphabet = "<>/\"'= \n&;abdivpsrcimghrefstyle:()-{}\u202e\ud7ff\x00"
    for _ in range(300):
        clean("".join(chance.choice(alphabet) for _ in range(400)))
    began = time.perf_counter()
    for evil in ("<div>" * 40_000, "<a href='" * 20_000, "<" * 200_000, "<img src=x " * 20_000):
        clean(evil)
    assert time.perf_counter() - began < 5


def test_the_signature_is_told_from_what_was_written() -> None:
    mark = '<div class="signature" data-marker="signature">Camille</div>'
    assert split_signature(f"<p>a</p>{mark}") == ("<p>a</p>", mark)
    assert split_signature(f"{mark}<p>a</p>{mark}") == (f"{mark}<p>a</p>", mark)
    assert split_signature("<p>a</p>") == ("<p>a</p>", "")


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "color:red;display: none !important",
        "visibility:hidden",
        "opacity:0",
        "opacity:0.00;color:#111",
        "font-size:0",
        "font-size:0px",
        "max-height:0;overflow:hidden",
        "overflow:hidden;height:0px",
    ],
)
def test_what_a_style_hides_is_not_seen(style: str) -> None:
    html = f'<p>a</p><div style="{style}">hidden<p>deep <br>er</p></div><p>b</p>'
    assert without_hidden(html) == "<p>a</p><p>b</p>"


def test_a_hidden_image_goes_and_one_in_small_print_stays() -> None:
    assert without_hidden('a<img src="cid:x" style="display:none">b') == "ab"
    small = 'a<img src="cid:x" style="font-size:0">b'
    assert without_hidden(small) == small


def test_what_is_hidden_inside_small_print_that_is_seen_goes() -> None:
    html = (
        '<td style="font-size:0"><span style="font-size:16px">seen</span>'
        '<i style="display:none">gone</i></td>'
    )
    assert without_hidden(html) == html.replace('<i style="display:none">gone</i>', "")


@pytest.mark.parametrize(
    "style",
    ["display:block", "opacity:0.5", "font-size:10px", "max-height:0", "overflow:hidden;height:9px",
     "visibility:visible", "color:#000"],
)  # fmt: skip
def test_what_is_shown_stays(style: str) -> None:
    html = f'<p>a</p><div style="{style}">shown</div>'
    assert without_hidden(html) == html


def test_small_print_with_a_size_of_its_own_inside_is_seen() -> None:
    html = '<td style="font-size:0"><span style="font-size:16px">seen</span></td>'
    assert without_hidden(html) == html


def test_an_unclosed_hidden_element_hides_the_rest() -> None:
    assert without_hidden('<p>a</p><div style="display:none">b') == "<p>a</p>"


def test_hiding_is_looked_for_in_linear_time() -> None:
    began = time.perf_counter()
    without_hidden('<div style="display:none">' * 20_000 + "</div>" * 20_000)
    without_hidden('<b style="font-size:0"><i style="font-size:1px">x</i></b>' * 20_000)
    assert time.perf_counter() - began < 3
