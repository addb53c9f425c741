"""What Relance writes itself (ACC-09)."""

from __future__ import annotations

import pytest

from relance.mail import system
from relance.mail.models import Folder, MailAccount, Outgoing
from relance.notices.models import Notice
from relance.users.models import User
from tests.mail.conftest import Synced, raw_mail
from tests.mail.local import local

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def noreply(owner: User) -> MailAccount:
    admin = User.objects.create_user("admin@clarte.example", role=User.Role.ADMIN)
    account = local(admin, "noreply@clarte.example").account
    system.choose(account)
    return account


def test_without_a_system_mailbox_nothing_is_sent(owner: User) -> None:
    assert not system.send("a@x.example", "Subject", "Text")
    assert not Outgoing.objects.exists()


def test_a_system_mailbox_is_one_that_still_works(noreply: MailAccount) -> None:
    assert system.mailbox() == noreply
    assert system.send("a@x.example", "Subject", "Text")
    assert not system.send("no address", "Subject", "Text")
    User.objects.filter(pk=noreply.owner_id).update(is_active=False)
    assert system.mailbox() is None
    User.objects.filter(pk=noreply.owner_id).update(is_active=True)
    MailAccount.objects.filter(pk=noreply.pk).update(state=MailAccount.State.DISCONNECTED)
    assert system.mailbox() is None


def test_choosing_another_mailbox_leaves_one(noreply: MailAccount, owner: User) -> None:
    other = local(owner).account
    system.choose(other)
    assert list(MailAccount.objects.filter(is_system=True)) == [other]
    system.choose(None)
    assert system.mailbox() is None


def test_the_first_import_ends_with_one_mail_to_the_owner(
    noreply: MailAccount, box: Synced
) -> None:
    box.account.owner.language = "en"
    box.account.owner.save()
    box.deliver(*(raw_mail(n) for n in range(3)))
    box.sync()
    mail = Outgoing.objects.get()
    assert mail.account == noreply
    assert mail.recipients.get().address.address == box.account.owner.email
    assert mail.subject == "Your mailbox is synchronised (3 messages)"
    assert box.account.address in mail.text
    assert not Notice.objects.filter(code="mailbox_imported").exists()


def test_it_is_never_sent_again(noreply: MailAccount, box: Synced) -> None:
    box.deliver(raw_mail(1))
    box.sync()
    box.deliver(raw_mail(2))
    box.sync()
    Folder.objects.filter(account=box.account).update(uidvalidity=12345)  # the server's changed
    box.sync()
    assert Outgoing.objects.count() == 1


def test_a_cut_import_is_told_of_when_it_has_ended(noreply: MailAccount, box: Synced) -> None:
    box.deliver(raw_mail(1))
    MailAccount.objects.filter(pk=box.account.pk).update(state=MailAccount.State.IMPORTING)
    assert not Outgoing.objects.exists()
    box.sync()
    assert Outgoing.objects.count() == 1
