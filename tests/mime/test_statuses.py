"""What servers say, and what it means for the address."""

import pytest

from relance.mime.statuses import Cause, Kind, find_reply, find_status, verdict

HARD, SOFT = Kind.HARD, Kind.SOFT


@pytest.mark.parametrize(
    ("status", "kind", "cause"),
    [
        *((s, HARD, Cause.NO_SUCH_USER) for s in ("5.1.0", "5.1.1", "5.1.3", "5.1.6")),
        *((s, HARD, Cause.NO_SUCH_DOMAIN) for s in ("5.1.2", "5.1.10", "5.4.4")),
        *((s, SOFT, Cause.MAILBOX_FULL) for s in ("5.2.2", "4.2.2")),
        *((s, SOFT, Cause.TOO_LARGE) for s in ("5.2.3", "5.3.4")),
        *((s, SOFT, Cause.SERVER_DOWN) for s in ("4.4.1", "5.4.1", "4.4.0")),
        *((s, SOFT, Cause.EXPIRED) for s in ("4.4.7", "5.4.7")),
        *((s, HARD, Cause.BLOCKED) for s in ("5.7.1", "5.7.26", "5.6.1")),
        *((s, SOFT, Cause.OTHER) for s in ("5.2.1", "5.0.0", "5.5.0", "", "4.3.0")),
        ("4.1.1", SOFT, Cause.NO_SUCH_USER),
        ("4.7.1", SOFT, Cause.BLOCKED),
    ],
)
def test_a_status_alone_decides(status: str, kind: Kind, cause: Cause) -> None:
    assert verdict(status, "") == (kind, cause)


@pytest.mark.parametrize(
    ("said", "kind", "cause"),
    [
        ("550 5.7.1 No such user", HARD, Cause.NO_SUCH_USER),
        ("550 No such user here", HARD, Cause.NO_SUCH_USER),
        ("550 Requested action not taken: mailbox unavailable", HARD, Cause.NO_SUCH_USER),
        ("550 5.7.1 Requested action not taken: mailbox unavailable", HARD, Cause.BLOCKED),
        ("550 5.2.1 Mailbox unavailable", SOFT, Cause.OTHER),
        ("450 4.2.0 mailbox unavailable", SOFT, Cause.OTHER),
        ("450 4.1.1 User unknown", SOFT, Cause.NO_SUCH_USER),
        ("554 5.7.1 Message rejected as spam: user unknown to our filter", HARD, Cause.SPAM),
        ("550 5.1.1 Mailbox is full, user over quota", SOFT, Cause.MAILBOX_FULL),
        ("552 sorry", SOFT, Cause.MAILBOX_FULL),
        ("552 5.3.4 Message size exceeds fixed limit", SOFT, Cause.TOO_LARGE),
        ("554 5.7.1 <x@y.example>: Relay access denied", HARD, Cause.BLOCKED),
        ("554 delivery error: This account has been disabled", SOFT, Cause.OTHER),
        ("550 5.1.1 Adresse d au moins un destinataire invalide.", HARD, Cause.NO_SUCH_USER),
        ("550 5.1.1 Utilisateur inconnu", HARD, Cause.NO_SUCH_USER),
        ("552 5.2.2 Boite du destinataire pleine", SOFT, Cause.MAILBOX_FULL),
        ("550 Message considéré comme indésirable", HARD, Cause.SPAM),
        ("550 Host unknown", HARD, Cause.NO_SUCH_DOMAIN),
        ("Name service error for client.example: Host not found, try again", SOFT, Cause.OTHER),
        ("550 5.4.310 DNS domain client.example does not exist", HARD, Cause.NO_SUCH_DOMAIN),
        ("554 5.4.7 delivery time expired", SOFT, Cause.EXPIRED),
        ("451 4.7.1 Greylisted, try again later", SOFT, Cause.BLOCKED),
        ("421 too many connections", SOFT, Cause.OTHER),
        ("554 no", SOFT, Cause.OTHER),
    ],
)
def test_words_complete_the_codes(said: str, kind: Kind, cause: Cause) -> None:
    assert verdict("", said) == (kind, cause)


def test_codes_are_found_in_what_a_server_said() -> None:
    assert find_status("host mx[192.0.2.1] said: 550-5.1.1 gone") == "5.1.1"
    assert find_status("at 192.0.2.1 or 10.5.1.1.2") == ""
    assert find_reply("550 no") == 550
    assert find_reply("in 4510 ms, 12.550.3") == 0
