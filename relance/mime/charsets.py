"""Bytes to text, whatever the label says.

Labels follow the habits of the WHATWG encoding standard: ISO-8859-1 and US-ASCII are read as
their superset windows-1252, GB2312 as GB18030, and so on. Only known text codecs are ever
looked up, so that a label cannot reach `unicode_escape`, `punycode` or an import.
"""

from encodings.aliases import aliases as _ALIASES
from functools import lru_cache

SNIFF_FROM = 32
"""Below so many bytes a statistical guess is worth nothing (charset-normalizer's own advice)."""

_SNIFF_BYTES = 6000
_FEW = 3
_NOT_TEXT = {
    *("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"),
    *("mbcs", "oem", "punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape"),
    *("unicode_internal", "string_escape"),
}
_KNOWN = (set(_ALIASES) | set(_ALIASES.values()) | {"cp874", "cp1006", "cp856"}) - _NOT_TEXT
_SUPERSETS = {
    **dict.fromkeys(("ascii", "us_ascii", "iso8859_1", "latin_1", "iso_8859_1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "cp936", "euc_cn"), "gb18030"),
    **dict.fromkeys(("shift_jis", "x_sjis", "windows_31j", "sjis"), "cp932"),
    **dict.fromkeys(("euc_kr", "ks_c_5601_1987", "ksc5601", "ks_c_5601"), "cp949"),
    **dict.fromkeys(("iso_8859_8_i", "iso_8859_8_e"), "iso8859_8"),
    **dict.fromkeys(("utf8", "utf_8", "unicode_1_1_utf_8", "x_unicode_2_0_utf_8"), "utf_8"),
    **dict.fromkeys(("unicode_1_1_utf_7", "x_unicode_2_0_utf_7"), "utf_7"),
    **dict.fromkeys(("macintosh", "x_mac_roman", "macroman"), "mac_roman"),
    **dict.fromkeys(("tis_620", "windows_874"), "cp874"),
    "iso_2022_jp": "iso2022_jp_ext",
    "big5": "big5hkscs",
}
_TYPOGRAPHIC = frozenset(
    "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆáíóúñãõåøßÁÍÓÚÑÃÕÅØ¿¡«»‘’“”–—…€£°·•©®™§²³½\xa0"
)
_C1 = {
    code: bytes((code,)).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_ASCII_BASED = {"", "utf_8", "cp1252", "iso8859_15", "iso8859_2", "cp1250", "cp1251", "koi8_r"}
_GUESSES = ["cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
            "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]  # fmt: skip


@lru_cache(maxsize=512)
def codec_of(label: str) -> str:
    """The Python codec for a charset label, or "" when it is unknown or not a text codec."""
    name = label.strip(" \t\"'").lower()[:60].replace("-", "_").replace(" ", "_").replace(":", "_")
    if name in _SUPERSETS:
        return _SUPERSETS[name]
    squeezed = name.removeprefix("x_").removeprefix("cs")
    for candidate in (name, name.replace("windows_", "cp"), squeezed):
        known = _ALIASES.get(candidate, candidate)
        if known in _KNOWN and known not in _NOT_TEXT:
            return _SUPERSETS.get(known, known)
    return ""


def decode(data: bytes, label: str = "") -> str:
    """`data` as text, never failing: NUL dropped, what cannot be read becomes U+FFFD."""
    codec = codec_of(label) if label else ""
    if codec in _ASCII_BASED and data.isascii():
        return _without_nul(data.decode("ascii"))
    if codec == "utf_8":
        return _without_nul(_utf8(data))
    if codec == "cp1252" and "ascii" not in label.lower():
        return _without_nul(_western(data))
    return clean(_decode(data, codec))


def _decode(data: bytes, codec: str) -> str:
    if codec in ("", "cp1252"):
        return unlabelled(data)
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return data.decode(codec, "replace")
    except (LookupError, ValueError):
        return unlabelled(data)


def _western(data: bytes) -> str:
    """windows-1252, its five holes read as the C1 controls of ISO-8859-1."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_C1)


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        if error.start >= len(data) - 4 and error.reason == "unexpected end of data":
            return text
        # Not one sound sequence: the label lies, and the bytes are nearly always windows-1252.
        if all(c == "\ufffd" for c in text if c > "\x7f"):
            return _western(data)
        return text


def unlabelled(data: bytes) -> str:
    """Bytes without a (known) label: UTF-8, then Western if it reads so, then a guess."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    western = _western(data)
    if len(data) < SNIFF_FROM or _reads_western(western):
        return western
    return _guess(data) or western


def _reads_western(text: str) -> bool:
    sample = text[:_SNIFF_BYTES]
    high = [c for c in sample if c > "\x7f"]
    if len(high) <= _FEW:
        return True
    usual = sum(c in _TYPOGRAPHIC for c in high)
    return usual >= 0.9 * len(high) and len(high) <= 0.25 * len(sample)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # heavy: kept out of the parse process until needed

    best = from_bytes(data[:_SNIFF_BYTES], cp_isolation=_GUESSES, steps=3, chunk_size=512).best()
    return data.decode(best.encoding, "replace") if best else ""


def clean(text: str) -> str:
    """`text` that any database stores: no NUL, no lone surrogate."""
    text = _without_nul(text)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def _without_nul(text: str) -> str:
    return text.replace("\x00", "") if "\x00" in text else text
