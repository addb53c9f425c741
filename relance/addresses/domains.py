"""Domains: public webmail ones, which never make a colleague, and registrable ones."""

from __future__ import annotations

import functools
from importlib.resources import files


@functools.cache
def public_domains() -> frozenset[str]:
    """Domains where anybody may have an address (`public_domains.txt`, one a line)."""
    text = files("relance.addresses").joinpath("public_domains.txt").read_text("utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


def is_public(domain: str) -> bool:
    """Is it a public webmail domain, such as gmail.com or orange.fr?"""
    return domain.lower() in public_domains()


def registrable(domain: str) -> str:
    """The domain somebody registered: "mail.client.co.uk" gives "client.co.uk" (public suffix
    list); "" when there is none."""
    return _suffixes().privatesuffix(domain.lower()) or ""


@functools.cache
def _suffixes():  # type: ignore[no-untyped-def]  # loaded when first needed: 30 ms, 8 MB
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
