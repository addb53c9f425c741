"""What of a mail one searches for."""

from __future__ import annotations

from relance.mime.indexing import TEXT_INDEXED, words_of
from relance.mime.parse import parse

MAIL = (
    "From: =?utf-8?q?=C3=89lo=C3=AFse?= Garnier <E.Garnier@meunier.example>\r\n"
    "To: Camille <camille@clarte.example>\r\nCc: hugo@clarte.example\r\n"
    "Subject: =?utf-8?q?Devis_r=C3=A9vis=C3=A9?=\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nL’Œuvre à Orléans\r\n"
)


def test_subject_people_and_text_are_there_without_accents_or_case() -> None:
    words = words_of(parse(MAIL.encode()))
    assert words.startswith("devis revise eloise garnier e.garnier@meunier.example camille ")
    assert "hugo@clarte.example" in words
    assert "l'oeuvre a orleans" in words


def test_the_rest_of_a_huge_text_is_left_out() -> None:
    text = "mot " * TEXT_INDEXED
    assert len(words_of(parse(b"Subject: x\r\n\r\n" + text.encode()))) < TEXT_INDEXED + 100


def test_attached_files_are_found_by_their_names_and_images_of_the_text_are_not() -> None:
    mail = (
        "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
        '--r\r\nContent-Type: text/html\r\n\r\n<img src="cid:a@b">\r\n'
        '--r\r\nContent-Type: image/png; name="logo.png"\r\nContent-ID: <a@b>\r\n'
        "Content-Disposition: inline\r\n\r\nx\r\n--r--\r\n"
        '--b\r\nContent-Type: application/pdf; name="Plan_Quais-v4.pdf"\r\n'
        "Content-Disposition: attachment\r\n\r\nx\r\n--b--\r\n"
    )
    words = words_of(parse(mail.encode()))
    assert "plan_quais-v4.pdf" in words
    assert "logo" not in words
