"""What administrators set, and who may log in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from relance.addresses.models import CompanyDomain
from relance.files.models import Blob
from relance.inbox.models import Placement, Stream
from relance.mail.models import MailAccount
from relance.users import team
from relance.users.models import OneTimeLink, Organisation, User
from tests.inbox import builders
from tests.web.conftest import LogIn

MakeAccount = Callable[..., MailAccount]
FIELDS = {
    "name": "Clarté SAS",
    "currency": "CHF",
    "language": "en",
    "time_zone": "Europe/Zurich",
    "fetch_interval": "10",
    "allowed_hosts": "mail.office.lan\n10.0.0.0/24, [fd00::1]:993",
    "look_up_servers": "on",
}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def stream_of(account: MailAccount) -> int:
    return int(Placement.objects.get(account=account).stream)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "limits/",
        "domains/",
        "domains/1/remove/",
        "users/",
        "users/invite/",
        "users/1/role/",
        "users/1/deactivate/",
        "users/1/reactivate/",
        "users/1/link/",
    ],
)
def test_others_are_refused(as_bob: Client, path: str) -> None:
    assert as_bob.get(f"/settings/{path}").status_code == 403
    assert as_bob.post(f"/settings/{path}").status_code == 403


class TestSettings:
    def test_customers_are_companies_until_one_says_that_they_are_persons(
        self, as_alice: Client, organisation: Organisation
    ) -> None:
        as_alice.post("/settings/", FIELDS)
        organisation.refresh_from_db()
        assert not organisation.is_b2c
        as_alice.post("/settings/", {**FIELDS, "is_b2c": "on"})
        organisation.refresh_from_db()
        assert organisation.is_b2c

    def test_they_are_saved(self, as_alice: Client, organisation: Organisation) -> None:
        as_alice.post("/settings/", FIELDS)
        organisation.refresh_from_db()
        assert (organisation.name, organisation.fetch_interval) == ("Clarté SAS", 10)
        assert organisation.allowed_hosts == ["mail.office.lan", "10.0.0.0/24", "[fd00::1]:993"]
        assert not organisation.domain_first

    @pytest.mark.parametrize(
        "wrong",
        [
            {"fetch_interval": "0"},
            {"fetch_interval": "61"},
            {"fetch_interval": ""},
            {"allowed_hosts": "http://mail.lan/"},
            {"allowed_hosts": "mail.lan:99999"},
            {"allowed_hosts": "-mail.lan"},
            {"allowed_hosts": "10.0.0.0/99"},
            {"allowed_hosts": "\n".join(f"10.0.0.{n}" for n in range(120))},
            {"name": ""},
        ],
    )
    def test_nonsense_is_refused(
        self, as_alice: Client, organisation: Organisation, wrong: dict[str, str]
    ) -> None:
        page = text(as_alice.post("/settings/", {**FIELDS, **wrong}))
        assert 'class="err"' in page
        organisation.refresh_from_db()
        assert organisation.name == "Clarté"

    def test_the_order_of_rules_places_mail_anew(
        self, as_alice: Client, alice: User, make_account: MakeAccount
    ) -> None:
        account = make_account(alice)
        builders.person(alice, "patron@clarte.example")
        builders.receive(account, sender="patron@clarte.example")
        assert stream_of(account) == Stream.PEOPLE

        as_alice.post("/settings/", {**FIELDS, "domain_first": "on"})
        assert stream_of(account) == Stream.COLLEAGUES


class TestDomains:
    def test_mail_of_a_new_domain_moves_and_comes_back(
        self, as_alice: Client, bob: User, make_account: MakeAccount
    ) -> None:
        account = make_account(bob)
        builders.receive(account, sender="x@sub.filiale.example")
        data = {"domain": "Filiale.example", "include_subdomains": "on"}

        as_alice.post("/settings/domains/", data)
        assert stream_of(account) == Stream.COLLEAGUES

        domain = CompanyDomain.objects.get()
        as_alice.post(f"/settings/domains/{domain.pk}/remove/")
        assert stream_of(account) == Stream.NOT_IN_CRM

    @pytest.mark.parametrize("domain", ["gmail.com", "com", "not a domain", "", "x@gmail.com"])
    def test_a_public_one_makes_nobody_a_colleague(self, as_alice: Client, domain: str) -> None:
        page = text(as_alice.post("/settings/domains/", {"domain": domain}))
        assert 'class="err"' in page
        assert not CompanyDomain.objects.exists()

    def test_the_same_one_twice_is_refused(self, as_alice: Client) -> None:
        for _ in range(2):
            response = as_alice.post("/settings/domains/", {"domain": "filiale.example"})
        assert 'class="err"' in text(response)
        assert CompanyDomain.objects.count() == 1


class TestUsers:
    FIELDS = {"first_name": "Léa", "last_name": "Brunet", "email": "Lea@clarte.example"}

    def test_an_invitation_is_shown_once_and_works(
        self, as_alice: Client, alice: User, client: Client
    ) -> None:
        response = as_alice.post("/settings/users/invite/", {**self.FIELDS, "role": "member"})
        [link] = re.findall(r"http://testserver(/welcome/[\w-]+/)", response.content.decode())

        assert "no-store" in response["Cache-Control"]
        assert link not in text(as_alice.get("/settings/users/"))
        assert "Invited" in text(as_alice.get("/settings/users/"))
        client.post(link, {"password": "a long quiet sentence"})
        lea = User.objects.get(email="lea@clarte.example")
        assert lea.check_password("a long quiet sentence")
        assert lea.language == "en"
        assert "Invited" not in text(as_alice.get("/settings/users/"))

    def test_her_mail_is_a_colleagues_at_once(
        self, as_alice: Client, alice: User, make_account: MakeAccount
    ) -> None:
        account = make_account(alice)
        builders.receive(account, sender="lea@elsewhere.example")
        data = {**self.FIELDS, "email": "lea@elsewhere.example", "role": "member"}
        as_alice.post("/settings/users/invite/", data)
        assert stream_of(account) == Stream.COLLEAGUES

    @pytest.mark.parametrize("email", ["alice@clarte.example", "ALICE@clarte.example", "no", ""])
    def test_an_address_in_use_is_refused(self, as_alice: Client, email: str) -> None:
        data = {**self.FIELDS, "email": email, "role": "member"}
        assert 'class="err"' in text(as_alice.post("/settings/users/invite/", data))
        assert User.objects.count() == 1

    def test_a_role_changes(self, as_alice: Client, bob: User) -> None:
        as_alice.post(f"/settings/users/{bob.pk}/role/", {"role": "manager"})
        bob.refresh_from_db()
        assert bob.role == "manager"

    @pytest.mark.parametrize("role", ["owner", ""])
    def test_an_unknown_role_changes_nothing(self, as_alice: Client, bob: User, role: str) -> None:
        as_alice.post(f"/settings/users/{bob.pk}/role/", {"role": role})
        bob.refresh_from_db()
        assert bob.role == "member"

    def test_somebody_must_administer(self, as_alice: Client, alice: User) -> None:
        page = text(as_alice.post(f"/settings/users/{alice.pk}/role/", {"role": "member"}))
        assert "Somebody must administer" in page
        alice.refresh_from_db()
        assert alice.is_admin

    def test_nobody_shuts_herself_out(self, as_alice: Client, alice: User, bob: User) -> None:
        team.change_role(bob, "admin")
        page = text(as_alice.post(f"/settings/users/{alice.pk}/deactivate/"))
        assert "You cannot shut yourself out" in page
        alice.refresh_from_db()
        assert alice.is_active

    def test_whoever_is_deactivated_leaves_at_once_and_may_come_back(
        self, as_alice: Client, bob: User, logged_in: LogIn
    ) -> None:
        visitor, link = logged_in(bob), team.new_link(bob)

        as_alice.post(f"/settings/users/{bob.pk}/deactivate/")

        assert visitor.get("/people/").status_code == 302
        assert OneTimeLink.find("invitation", link) is None
        assert "Deactivated" in text(as_alice.get("/settings/users/"))
        as_alice.post(f"/settings/users/{bob.pk}/reactivate/")
        assert visitor.get("/people/").status_code in {200, 302}
        assert logged_in(bob).get("/people/").status_code == 200

    def test_no_link_for_whoever_left(self, as_alice: Client, alice: User, bob: User) -> None:
        team.deactivate(alice, bob)
        assert as_alice.post(f"/settings/users/{bob.pk}/link/").status_code == 404


LIMITS = {
    "attachment_limit_mb": "25",
    "library_documents_max": "3",
    "recipients_max": "50",
    "storage_quota_mb": "500",
}


class TestLimits:
    def test_they_are_saved(self, as_alice: Client, organisation: Organisation) -> None:
        as_alice.post("/settings/limits/", {**LIMITS, "opt_out_blocks_all": "on"})
        organisation.refresh_from_db()
        assert (organisation.attachment_limit_mb, organisation.library_documents_max) == (25, 3)
        assert (organisation.recipients_max, organisation.storage_quota_mb) == (50, 500)
        assert organisation.opt_out_blocks_all
        assert not organisation.track_opens
        assert organisation.name == "Clarté"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("attachment_limit_mb", "0"),
            ("attachment_limit_mb", "101"),
            ("library_documents_max", "51"),
            ("recipients_max", "1001"),
            ("storage_quota_mb", "-1"),
            ("storage_quota_mb", "much"),
        ],
    )
    def test_nonsense_is_refused(
        self, as_alice: Client, organisation: Organisation, name: str, value: str
    ) -> None:
        shown = text(as_alice.post("/settings/limits/", {**LIMITS, name: value}))
        assert 'aria-invalid="true"' in shown
        organisation.refresh_from_db()
        assert organisation.attachment_limit_mb == 10

    def test_how_full_the_store_is_is_shown(
        self, as_alice: Client, organisation: Organisation
    ) -> None:
        Blob.objects.create(sha256="a" * 64, size=250_000_000)
        Blob.objects.create(sha256="b" * 64, size=900_000_000, is_mail=True)
        assert "250 MB used, no limit" in text(as_alice.get("/settings/limits/"))
        organisation.storage_quota_mb = 1000
        organisation.save()
        shown = text(as_alice.get("/settings/limits/"))
        assert "250 MB of 1 GB" in shown
        assert 'value="25"' in shown

    def test_that_openings_are_not_followed_is_said(self, as_alice: Client) -> None:
        shown = text(as_alice.get("/settings/limits/"))
        assert "carry no tracking image" in shown
        assert "track_opens" not in shown
