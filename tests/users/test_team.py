"""Who may log in, below the pages."""

from datetime import timedelta

import pytest
import time_machine

from relance.lib import clock
from relance.users import team, throttle
from relance.users.models import FailedLogin, OneTimeLink, Organisation, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("admin@clarte.example", role=User.Role.ADMIN)


@pytest.fixture
def member() -> User:
    return User.objects.create_user("member@clarte.example")


class TestTeam:
    def test_new_users_start_with_the_organisations_language_and_clock(self) -> None:
        Organisation.objects.create(name="C", language="en", time_zone="Europe/London")
        user = User(email=" New@Clarte.example ")
        token = team.invite(user)
        assert (user.email, user.language, user.time_zone) == (
            "new@clarte.example",
            "en",
            "Europe/London",
        )
        assert team.awaiting_invitation(user)
        assert OneTimeLink.find("invitation", token) is not None

    def test_only_the_digest_of_a_token_is_kept(self, member: User) -> None:
        token = team.new_link(member)
        assert token not in OneTimeLink.objects.get().token_digest

    def test_a_link_is_for_one_purpose(self, member: User) -> None:
        token = team.new_link(member)
        assert OneTimeLink.find("login", token) is None
        assert OneTimeLink.find("setup", token) is None

    def test_a_link_is_spent_once(self, member: User) -> None:
        link = OneTimeLink.find("invitation", team.new_link(member))
        assert link is not None
        assert team.accept(link, "a long quiet sentence") == member
        assert team.accept(link, "another sentence") is None

    def test_there_is_always_an_administrator(self, admin: User, member: User) -> None:
        with pytest.raises(team.CannotChange, match="last_admin"):
            team.change_role(admin, User.Role.MEMBER)
        with pytest.raises(team.CannotChange, match="last_admin"):
            team.deactivate(member, admin)

        team.change_role(member, User.Role.ADMIN)
        team.deactivate(member, admin)
        with pytest.raises(team.CannotChange, match="last_admin"):
            team.change_role(member, User.Role.MEMBER)

    def test_a_second_organisation_is_refused(self) -> None:
        Organisation.objects.create(name="C")
        with pytest.raises(ValueError, match="organisation"):
            team.set_up(Organisation(name="D"), User(email="x@d.example"), "a long sentence")
        assert not User.objects.exists()


class TestThrottle:
    def test_five_failures_are_free_and_waiting_ends_at_an_hour(self) -> None:
        waits = []
        for _ in range(20):
            throttle.failed("a@x.example", "10.0.0.1")
            waits.append(throttle.seconds_to_wait("A@x.example ", "10.0.0.1"))
        assert waits[:7] == [0, 0, 0, 0, 30, 60, 120]
        assert waits[-1] == 3600

    def test_a_day_forgets(self) -> None:
        for _ in range(9):
            throttle.failed("a@x.example", "10.0.0.1")
        with time_machine.travel(clock.now() + timedelta(hours=25)):
            assert throttle.seconds_to_wait("a@x.example", "10.0.0.1") == 0
            assert throttle.prune() == 1

    def test_no_address_is_kept(self) -> None:
        throttle.failed("a@x.example", "10.0.0.1")
        assert "a@x.example" not in FailedLogin.objects.get().key
