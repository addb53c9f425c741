"""Folder names: modified UTF-7 (RFC 3501, section 5.1.3) and what they are called in the world."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from typing import Final

_SHIFTED = re.compile(rb"&([^-]*)-")
_UNSAFE = re.compile("[^\x20-\x7e]+")

_KNOWN: Final[dict[str, str]] = {
    "sent": """
        sent|sent items|sent mail|sent messages|sent-mail|sent objects|outgoing
        envoyés|éléments envoyés|messages envoyés|courrier envoyé|objets envoyés|envoyé
        gesendet|gesendete elemente|gesendete objekte|gesendete nachrichten|gesendete|postausgang
        enviados|elementos enviados|mensajes enviados|correo enviado|enviadas
        posta inviata|inviata|inviati|elementi inviati|messaggi inviati
        verzonden|verzonden items|verzonden berichten|verzonden e-mail
        itens enviados|mensagens enviadas|correio enviado|e-mails enviados
        wysłane|elementy wysłane|wiadomości wysłane|wysłana poczta
        skickat|skickade objekt|skickade meddelanden|skickade
        sendt|sendte elementer|sendt post|sendt mail|sendte
        odeslané|odeslaná pošta|odeslané zprávy|odeslané položky
        lähetetyt|lähetetyt kohteet|lähetetyt viestit
        elküldött|elküldött elemek|elküldött üzenetek
        odoslané|odoslaná pošta|trimise|elemente trimise|poslano|poslane stavke
        gönderilmiş öğeler|gönderilmiş|gönderilenler|отправленные|надіслані|εξερχόμενα|απεσταλμένα
        送信済み|送信済みアイテム|送信済みメール|已发送|已发送邮件|寄件備份|보낸편지함
    """,
    "drafts": """
        drafts|draft|draft messages
        brouillons|brouillon
        entwürfe|entwurf
        borradores|borrador
        bozze|bozza
        concepten|concept
        rascunhos|rascunho
        wersje robocze|kopie robocze|szkice|robocze
        utkast|kladder|kladde|koncepty|rozepsané|rozepsané zprávy
        luonnokset|piszkozatok|ciorne|nacrti|osnutki|taslaklar
        черновики|чернетки|πρόχειρα|下書き|草稿|草稿箱|임시보관함
    """,
    "archive": """
        archive|archives|archived|archiv|archivio|archivo|archivados|archief|arquivo|arquivados
        arquivo morto|archiwum|arkiv|arkivet|arkisto|archív|archívum|arhiva|arşiv
        архив|архів|αρχείο|アーカイブ|归档|存档|封存|보관함
        éléments archivés|messages archivés
    """,
    "spam": """
        spam|junk|junk e-mail|junk email|junk mail|bulk mail|bulk|spam mail|unwanted
        indésirables|courrier indésirable|courriers indésirables|pourriel|pourriels|indésirable
        junk-e-mail|spamverdacht|unerwünscht|werbung
        correo no deseado|correo basura|no deseado
        posta indesiderata|indesiderata|ongewenste e-mail|ongewenst|ongewenste berichten
        lixo eletrônico|lixo eletrónico|correio não solicitado|lixo electrónico
        wiadomości-śmieci|niechciane|wiadomości śmieci
        skräppost|skräp|uønsket mail|uønsket e-mail|uønsket post|søppelpost|uønsket
        nevyžádaná pošta|nevyžádané|roskaposti|levélszemét|önemsiz|önemsiz e-posta
        nevyžiadaná pošta|neželena pošta|спам|нежелательная почта
        迷惑メール|垃圾邮件|垃圾郵件|스팸|스팸메일함
    """,
    "trash": """
        trash|deleted|deleted items|deleted messages|bin|wastebasket|recycle bin
        corbeille|éléments supprimés|messages supprimés|poubelle|supprimés
        papierkorb|gelöscht|gelöschte elemente|gelöschte objekte|gelöschte nachrichten
        papelera|elementos eliminados|mensajes eliminados|eliminados
        cestino|posta eliminata|elementi eliminati|eliminata|messaggi eliminati
        prullenbak|verwijderde items|verwijderd|verwijderde berichten
        lixo|lixeira|itens excluídos|itens eliminados|mensagens eliminadas
        kosz|elementy usunięte|usunięte
        papperskorgen|papperskorg|borttagna objekt|borttaget
        papirkurv|slettet post|slettede elementer|slettet|slettede
        koš|odstraněná pošta|odstraněné položky|vysypané
        roskakori|poistetut|lomtár|törölt elemek|çöp|çöp kutusu|silinmiş öğeler
        kôš|odstránené|coș de gunoi|elemente șterse|koš za smeće
        корзина|удаленные|видалені|кошик|κάδος|ごみ箱|ゴミ箱|削除済みアイテム|已删除|废纸篓|휴지통
    """,
}


def folded(name: str) -> str:
    """Return a name for comparison: composed, without case and without doubled blanks."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


USE_BY_NAME: Final[dict[str, str]] = {
    folded(name): use
    for use, block in _KNOWN.items()
    for line in block.split("\n")
    for name in line.split("|")
    if name.strip()
}


def decode_name(raw: bytes) -> str:
    """Decode a folder name. Names that break the rules still decode, to something stable."""
    if not raw.isascii():
        return raw.decode("utf-8", "backslashreplace")
    return _SHIFTED.sub(_unshift, raw).decode("utf-8", "backslashreplace")


def _unshift(match: re.Match[bytes]) -> bytes:
    shifted = match[1].replace(b",", b"/")
    if not shifted:
        return b"&"
    try:
        units = base64.b64decode(shifted + b"=" * (-len(shifted) % 4), validate=True)
        return units.decode("utf-16-be").encode("utf-8")
    except (binascii.Error, UnicodeError):
        return match[0]


def encode_name(name: str) -> bytes:
    """Encode a folder name in modified UTF-7; no control character passes."""
    return _UNSAFE.sub(_shift, name.replace("&", "&-")).encode("ascii")


def _shift(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    shifted = base64.b64encode(units).rstrip(b"=").replace(b"/", b",")
    return f"&{shifted.decode('ascii')}-"
