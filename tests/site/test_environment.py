"""Settings are read from the environment, and what cannot be used is refused in words."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from relance.site import environment
from relance.site.environment import BadSetting


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.KNOWN:
        monkeypatch.delenv(name, raising=False)


class TestUnknownSettings:
    def test_known_ones_are_not_mentioned(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_URL", "https://mail.clarte.example")
        assert list(environment.unknown()) == []

    def test_a_slip_of_the_pen_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_" + "HOST", "mail.clarte.example")
        (said,) = environment.unknown()
        assert said.endswith("Did you mean RELANCE_HOSTS?")

    def test_anything_else_points_to_the_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_" + "COFFEE", "black")
        (said,) = environment.unknown()
        assert said.endswith("See docs/admin/settings.md.")


class TestValues:
    @pytest.mark.parametrize(("written", "meant"), [("1", True), ("0", False), ("", False)])
    def test_a_switch_is_one_or_nought(
        self, monkeypatch: pytest.MonkeyPatch, written: str, meant: bool
    ) -> None:
        monkeypatch.setenv("RELANCE_DEBUG", written)
        assert environment.is_on("RELANCE_DEBUG") is meant

    def test_another_word_for_a_switch_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_BEHIND_PROXY", "yes")
        with pytest.raises(BadSetting, match="RELANCE_BEHIND_PROXY is 'yes'; write 1 or 0"):
            environment.is_on("RELANCE_BEHIND_PROXY")

    def test_a_list_may_have_spaces_and_a_comma_too_many(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RELANCE_HOSTS", "mail.clarte.example, localhost,")
        assert environment.names("RELANCE_HOSTS", "x") == ["mail.clarte.example", "localhost"]

    def test_an_address_needs_its_scheme(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_URL", "mail.clarte.example")
        with pytest.raises(BadSetting, match=r"as https://mail\.clarte\.example"):
            environment.base_url()

    def test_an_address_loses_its_last_slash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_URL", "https://mail.clarte.example/")
        assert environment.base_url() == "https://mail.clarte.example"

    def test_a_level_may_be_written_small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_LOG_LEVEL", "debug")
        assert environment.log_level("INFO") == "DEBUG"

    def test_a_level_that_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELANCE_LOG_LEVEL", "loud")
        with pytest.raises(BadSetting, match="one of DEBUG, INFO"):
            environment.log_level("INFO")


class TestDatabase:
    def test_it_is_a_file_of_the_data_folder(self, tmp_path: Path) -> None:
        assert environment.database(tmp_path)["NAME"] == str(tmp_path / "relance.sqlite3")

    def test_it_may_be_postgresql(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("RELANCE_DATABASE_URL", "postgres://relance:s%40me@db.example/mail")
        found = environment.database(tmp_path)
        assert found["ENGINE"].endswith("postgresql")
        assert (found["HOST"], found["NAME"], found["PASSWORD"]) == ("db.example", "mail", "s@me")

    @pytest.mark.parametrize("url", ["somewhere", "mysql://relance@db/relance", "postgre://x"])
    def test_no_other_is_taken(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
    ) -> None:
        monkeypatch.setenv("RELANCE_DATABASE_URL", url)
        with pytest.raises(BadSetting, match="RELANCE_DATABASE_URL cannot be used") as refusal:
            environment.database(tmp_path)
        assert url not in str(refusal.value)  # it may hold a password


class TestFolder:
    def test_it_is_made_for_us_alone(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("RELANCE_DATA", str(tmp_path / "deep" / "house"))
        made = environment.folder("RELANCE_DATA", "~/elsewhere")
        assert stat.S_IMODE(made.stat().st_mode) == 0o700

    def test_it_may_be_in_the_home_folder(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        assert environment.folder("RELANCE_DATA", "~/mail") == tmp_path / "mail"

    def test_one_that_cannot_be_made_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("RELANCE_DATA", str(tmp_path / "file" / "house"))
        with pytest.raises(BadSetting, match="set RELANCE_DATA to a folder that you may write"):
            environment.folder("RELANCE_DATA", "~/x")


class TestSigningKey:
    def test_it_is_made_once_and_kept(self, tmp_path: Path) -> None:
        first = environment.signing_key(tmp_path)
        assert len(first) >= 50
        assert environment.signing_key(tmp_path) == first
        assert stat.S_IMODE((tmp_path / "signing.key").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["signing.key"]

    def test_processes_that_start_together_agree(self, tmp_path: Path) -> None:
        keys: list[str] = []
        start = threading.Barrier(8)

        def begin() -> None:
            start.wait()
            keys.append(environment.signing_key(tmp_path))

        threads = [threading.Thread(target=begin) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(set(keys)) == 1
        assert len(keys[0]) >= 50

    def test_one_that_is_given_is_not_written(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("RELANCE_SECRET_KEY", "given")
        assert environment.signing_key(tmp_path) == "given"
        assert list(tmp_path.iterdir()) == []
