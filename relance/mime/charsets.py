"""Bytes of a declared, undeclared or misdeclared charset, made text. Never raises."""

from __future__ import annotations

import codecs
import functools

_REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"}
_REALLY = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_DETECTABLE_FROM = 32  # bytes; below, a guess is worse than the usual charset
_DETECTED_ON = 20_000  # bytes looked at


@functools.lru_cache(maxsize=256)
def codec_name(charset: str) -> str:
    """Python's codec for a MIME charset, as browsers read it (latin-1 is windows-1252); or ""."""
    name = charset.strip().strip("\"'").lower()
    if not name or len(name) > 60 or "\0" in name:
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return "cp949" if name.startswith("ks_c_5601") else ""
    if not getattr(info, "_is_text_encoding", True) or info.name in _REFUSED:
        return ""
    return _REALLY.get(info.name, info.name)


def decode(data: bytes, charset: str = "") -> str:
    """`data` as text: by its charset where that works, else by the likeliest one."""
    if data.isascii() and not charset.lower().startswith(("utf-7", "utf-16", "utf-32", "iso-2022", "hz")):
        return data.decode("ascii")
    name = codec_name(charset)
    if name and name != "utf-8":
        if name == "cp1252" and (text := _try(data, "utf-8")) is not None:
            return text  # UTF-8 declared as latin-1: a sequence that valid is no accident
        text = _try(data, name)
        return data.decode(name, "replace") if text is None else text
    text = _try(data, "utf-8")
    if text is not None:
        return text
    return _damaged(data, "utf-8" if name else "")


def _damaged(data: bytes, declared: str) -> str:
    """Invalid UTF-8: a few bad bytes are replaced, many mean another charset."""
    text = data.decode("utf-8", "replace")
    if declared and text.count("\ufffd") * 20 < len(text):
        return text
    return data.decode(_detect(data) or "cp1252", "replace")


def _detect(data: bytes) -> str:
    if len(data) < _DETECTABLE_FROM:
        return ""
    from charset_normalizer import from_bytes  # 40 ms to import, and rarely needed

    best = from_bytes(data[:_DETECTED_ON]).best()
    return codec_name(best.encoding) if best else ""


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None
