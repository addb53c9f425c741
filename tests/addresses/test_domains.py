"""Public webmail domains make nobody a colleague (D44)."""

from relance.addresses.domains import public_domains


def test_public_domains_hold_webmails_and_no_company_host() -> None:
    domains = public_domains()
    assert len(domains) >= 150
    expected = {
        "gmail.com", "hotmail.fr", "live.com", "yahoo.fr", "yahoo.co.uk", "icloud.com", "me.com",
        "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "gmx.net", "proton.me",
        "yandex.ru", "mail.ru", "qq.com", "aol.com", "outlook.com", "bbox.fr", "posteo.de",
    }  # fmt: skip
    assert expected <= domains
    assert not {"onmicrosoft.com", "ovh.net", "gandi.net", "clarte.example"} & domains
