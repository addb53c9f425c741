"""What is looked at again right before a mail leaves (SCH-09): it is held, and its author told."""

from collections.abc import Callable

import pytest

from relance.addresses.models import EmailAddress
from relance.lib import clock
from relance.lib.reason import Reason
from relance.mail import bounces, outbox, ports
from relance.mail.models import Identity, MailAccount, OrganisationAddress, Outgoing
from relance.mail.outbox import sending
from relance.mime.parse import parse
from relance.notices.models import Notice
from relance.users.models import User
from tests.mail.sending import ALICE, BOB, Sender, make_due, sender, state_of

__all__ = ["sender"]
pytestmark = pytest.mark.django_db
State = Outgoing.State


def invalid() -> None:
    EmailAddress.objects.filter(address=BOB.address).update(invalid_at=clock.now())


def blocked() -> None:
    EmailAddress.objects.filter(address=BOB.address).update(blocked_at=clock.now())


CHANGES: dict[str, Callable[[], object]] = {
    "author_inactive": lambda: User.objects.update(is_active=False),
    "may_not_send": lambda: User.objects.update(may_send=False),
    "mailbox_disconnected": lambda: MailAccount.objects.update(state="disconnected"),
    "invalid": invalid,
    "blocked": blocked,
}


@pytest.mark.parametrize("code", CHANGES)
@pytest.mark.parametrize("scheduled", [True, False])
def test_what_changed_in_between_holds_the_mail(sender: Sender, code: str, scheduled: bool) -> None:
    outgoing = sender.scheduled(ALICE, BOB) if scheduled else sender.write(ALICE, BOB)
    CHANGES[code]()
    make_due()
    assert outbox.sweep() == 1
    assert state_of(outgoing) == State.HELD
    assert outgoing.reason["code"] == code
    notice = Notice.objects.get()
    assert (notice.user, notice.code, notice.params["code"]) == (
        sender.owner,
        "outgoing_held",
        code,
    )
    assert notice.params["addresses"] == [ALICE.address, BOB.address]
    assert not sender.server.received
    assert outbox.sweep() == 0, "held until its author decides"


def test_a_held_mail_names_the_address(sender: Sender) -> None:
    outgoing = sender.write(ALICE, BOB)
    invalid()
    outbox.sweep()
    outgoing.refresh_from_db()
    assert outgoing.reason == {"code": "invalid", "params": {"address": BOB.address}}


def test_an_opt_out_stops_no_personal_mail(sender: Sender) -> None:
    outgoing = sender.write(BOB)
    EmailAddress.objects.update(opted_out_at=clock.now())
    outbox.sweep()
    assert state_of(outgoing) == State.SENT


def test_an_address_that_took_the_mail_already_holds_nothing(sender: Sender) -> None:
    sender.server.at_rcpt[ALICE.address] = "451 4.2.1 later"
    outgoing = sender.send(ALICE, BOB)
    invalid()
    sender.server.reset()
    make_due()
    outbox.sweep()
    assert state_of(outgoing) == State.SENT


def test_the_floors_above_are_asked(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Deleted:
        def screen(self, outgoing: Outgoing) -> list[Reason]:
            asked.append(outgoing.pk)
            return [Reason("record_deleted", {"name": "Camille"})]

    monkeypatch.setattr(ports, "screener", Deleted())
    outgoing = sender.write()
    outbox.sweep()
    assert state_of(outgoing) == State.HELD
    assert outgoing.reason == {"code": "record_deleted", "params": {"name": "Camille"}}
    assert asked == [outgoing.pk]


def test_a_change_after_the_look_and_before_the_claim_is_seen(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing = sender.write()
    usual = sending._prepared

    def meanwhile(loaded: Outgoing) -> bytes | Reason:
        data = usual(loaded)
        assert outbox.take_back(outgoing.pk, sender.owner)
        return data

    monkeypatch.setattr(sending, "_prepared", meanwhile)
    assert not outbox.deliver(outgoing.pk)
    assert state_of(outgoing) == State.DRAFT
    assert not sender.server.received


def test_a_mended_mail_leaves_when_its_author_says_so(sender: Sender) -> None:
    outgoing = sender.write(BOB)
    blocked()
    outbox.sweep()
    EmailAddress.objects.update(blocked_at=None)
    assert outbox.try_again(outgoing.pk, sender.owner)
    outbox.sweep()
    assert state_of(outgoing) == State.SENT


class TestWhoItIsFrom:
    def test_a_proven_address_of_the_mailbox_stands_in_from(self, sender: Sender) -> None:
        identity = Identity.objects.create(
            account=sender.account,
            address="contact@clarte.example",
            name="Clarté",
            confirmed_at=clock.now(),
        )
        sender.write()
        Outgoing.objects.update(identity=identity)
        outbox.sweep()
        (received,) = sender.server.received
        assert received.mail_from == sender.account.address, "reports come back to the mailbox"
        (shown,) = parse(received.data).from_
        assert (shown.name, shown.address) == ("Clarté", "contact@clarte.example")

    def test_one_that_is_not_proven_holds_the_mail(self, sender: Sender) -> None:
        identity = Identity.objects.create(account=sender.account, address="boss@clarte.example")
        outgoing = sender.write()
        Outgoing.objects.update(identity=identity)
        outbox.sweep()
        assert state_of(outgoing) == State.HELD
        assert outgoing.reason["code"] == "sender_not_allowed"

    @pytest.mark.parametrize(("roles", "state"), [(["member"], "sent"), (["manager"], "held")])
    def test_an_address_of_the_organisation_is_for_its_roles(
        self, sender: Sender, roles: list[str], state: str
    ) -> None:
        shared = OrganisationAddress.objects.create(
            address="ventes@clarte.example", roles=roles, confirmed_at=clock.now()
        )
        outgoing = sender.write()
        Outgoing.objects.update(organisation_address=shared)
        outbox.sweep()
        assert state_of(outgoing) == state


def test_the_server_s_limit_is_learned(sender: Sender) -> None:
    sender.send()
    sender.account.refresh_from_db()
    assert sender.account.smtp_size_limit == 50_000_000


def test_a_mail_beyond_the_limit_fails_with_that_word(sender: Sender) -> None:
    features = sender.server.features
    sender.server.features = ("SIZE 1000",)
    try:
        sender.write(text="x" * 2_000)
        outbox.sweep()
    finally:
        sender.server.features = features
    outgoing = Outgoing.objects.get()
    assert (outgoing.state, outgoing.error_code) == (State.FAILED, "too_large")
    assert Notice.objects.get().params["code"] == "too_large"


def test_a_mail_put_off_for_half_an_hour_is_told_once(sender: Sender) -> None:
    sender.server.at["mail"] = "451 4.3.0 later"
    sender.write()
    for _ in range(6):
        make_due()
        outbox.sweep()
    assert list(Notice.objects.values_list("code", flat=True)) == ["outgoing_delayed"]
    waits = Outgoing.objects.get().next_try_at
    assert waits is not None
    assert (waits - clock.now()).total_seconds() == pytest.approx(300 * 2**5, abs=60)


def test_mails_of_one_mailbox_share_a_connection(sender: Sender) -> None:
    for _ in range(5):
        sender.write()
    assert outbox.sweep() == 5
    assert sender.server.connections == 1
    assert sender.server.commands.count("AUTH") == 1


def test_a_server_that_asks_for_patience_is_left_alone(sender: Sender) -> None:
    sender.server.at["mail"] = "421 4.7.0 too many"
    for _ in range(5):
        sender.write()
    assert outbox.sweep() == 1, "the others wait for the next round"
    assert Outgoing.objects.filter(state="queued").count() == 4


def test_five_hundred_due_at_once_all_leave(sender: Sender) -> None:
    for n in range(500):
        sender.write(text=str(n))
    assert outbox.sweep() == 500
    assert len(set(sender.sent_ids())) == 500


def test_a_recipient_refused_at_once_has_bounced(sender: Sender) -> None:
    sender.server.at_rcpt[BOB.address] = "550 5.1.1 no such user"
    outgoing = sender.send(ALICE, BOB)
    (bounce,) = bounces.of([outgoing.pk])[outgoing.pk]
    assert (bounce.address.address, bounce.cause) == (BOB.address, "no_such_user")
    assert EmailAddress.objects.get(address=BOB.address).invalid_at is not None
    again = sender.write(BOB)
    outbox.sweep()
    assert state_of(again) == State.HELD


def test_a_refusal_of_the_mail_says_nothing_of_its_many_recipients(sender: Sender) -> None:
    sender.server.at["final"] = "554 5.7.1 spam"
    outgoing = sender.send(ALICE, BOB)
    assert bounces.of([outgoing.pk]) == {}
    assert set(outgoing.recipients.values_list("answer", flat=True)) == {"554 5.7.1 spam"}
