"""Bytes to text, whatever the label says."""

import pytest

from relance.mime.charsets import clean, codec_of, decode
from relance.mime.parse import parse
from tests.mime.letters import letter

FRENCH = "Voilà l’hôtel : 80 € — à bientôt"


@pytest.mark.parametrize(
    ("label", "codec"),
    [("utf-8", "utf-8"), ("UTF8", "utf-8"), ("iso-8859-15", "iso8859-15"), ("latin9", "iso8859-15"),
     ("windows-1252", "cp1252"), ("cp1252", "cp1252"), ("koi8-r", "koi8-r"), ("big5", "big5"),
     ("shift_jis", "cp932"), ("GB2312", "gb18030"), ("utf-16", "utf-16"),
     ("macintosh", "mac-roman")],
)  # fmt: skip
def test_what_a_label_names_is_read(label: str, codec: str) -> None:
    samples = {"koi8-r": "Привет", "big5": "還在用", "cp932": "日本語", "gb18030": "黄山旅游"}
    text = samples.get(codec, "été hôtel")
    assert decode(text.encode(codec), label) == text


def test_latin_1_is_read_as_its_superset() -> None:
    assert decode(FRENCH.encode("cp1252"), "iso-8859-1") == FRENCH
    assert decode(b"a\x81b\x92", "iso-8859-1") == "a\x81b’"


def test_latin_9_has_the_euro_where_latin_1_has_the_currency_sign() -> None:
    assert decode(b"80 \xa4", "iso-8859-15") == "80 €"


def test_without_a_label_utf_8_comes_first_then_western() -> None:
    assert decode(FRENCH.encode()) == FRENCH
    assert decode(FRENCH.encode("cp1252")) == FRENCH
    assert decode(FRENCH.encode("cp1252"), "us-ascii") == FRENCH
    assert decode(FRENCH.encode(), "us-ascii") == FRENCH


def test_an_unknown_label_is_no_label() -> None:
    assert decode(FRENCH.encode(), "x-martian") == FRENCH
    assert decode("é".encode("cp1252"), "x-martian") == "é"


def test_a_longer_text_without_a_label_is_guessed() -> None:
    russian = "Добрый день, отправляю вам коммерческое предложение и прайс-лист на ноябрь."
    assert decode(russian.encode("cp1251"), "unknown-8bit") == russian


def test_a_false_utf_8_label_is_seen_through() -> None:
    assert decode(FRENCH.encode("cp1252"), "utf-8") == FRENCH


def test_utf_8_cut_in_a_character_loses_only_that_character() -> None:
    assert decode("été".encode()[:-1], "utf-8") == "ét\ufffd"
    assert decode("Éloïse ".encode() + b"\xff" + "été".encode(), "utf-8") == "Éloïse \ufffdété"


@pytest.mark.parametrize(
    "label",
    ["unicode_escape", "raw_unicode_escape", "punycode", "idna", "hex", "base64", "zlib", "rot13",
     "undefined", "mbcs", "../../etc", "os.path", "x" * 10_000, "\x00", ""],
)  # fmt: skip
def test_labels_never_reach_other_codecs(label: str) -> None:
    assert codec_of(label) == ""
    assert decode(b"\\x41", label) == "\\x41"


def test_no_text_holds_nul_or_lone_surrogates() -> None:
    assert decode(b"a\x00b") == "ab"
    assert decode(b"+2AA-", "utf-7").encode("utf-8")
    assert clean("a\ud800b\x00") == "a?b"


def test_a_body_in_each_charset_is_read() -> None:
    raw = letter("réponse à côté".encode("cp1252"), b"Content-Type: text/plain; charset=iso-8859-1")
    assert parse(raw).text == "réponse à côté"
    raw = letter("還在用20%的信用卡".encode("big5"), b"Content-Type: text/plain; charset=big5")
    assert parse(raw).text == "還在用20%的信用卡"
    raw = letter(b"\x1b$B$3$s\x1b(B", b"Content-Type: text/plain; charset=iso-2022-jp")
    assert parse(raw).text == "こん"
    raw = letter("été".encode("utf-16"), b"Content-Type: text/plain; charset=utf-16")
    assert parse(raw).text == "été"
