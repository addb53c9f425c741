"""A checkout gets ready by itself, and says what is missing when it cannot."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts import BIN, load

assets = load("assets")
debian = load("debian")
environment = load("environment")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    for level in environment.LEVELS:
        (tmp_path / f"requirements/{level}.txt").write_text("django==5.2\n")
    return tmp_path


class Recorded(environment.Environment):  # type: ignore[misc, name-defined]
    """An environment that writes down how it would have been made."""

    def __init__(self, root: Path, *, wanted: str, failing: tuple[str, ...] = ()) -> None:
        super().__init__(root, wanted=wanted)
        self.failing = failing
        self.tried: list[str] = []

    def _install_with_uv(self) -> None:
        self._try("uv")

    def _install_with_pip(self) -> None:
        self._try("pip")

    def _make_assets(self) -> None:
        return

    def _try(self, way: str) -> None:
        self.tried.append(f"{way} {self.level}")
        if way in self.failing:
            raise environment.CommandFailed(f"{way} failed")
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()


class TestEnvironment:
    def test_it_is_made_once(self, checkout: Path) -> None:
        first, second = (Recorded(checkout, wanted="dev") for _ in range(2))

        assert first.make() is True
        assert second.make() is False
        assert (first.tried, second.tried) == (["uv dev"], [])

    def test_it_is_made_again_when_the_lock_changes(self, checkout: Path) -> None:
        Recorded(checkout, wanted="dev").make()
        (checkout / "requirements/dev.txt").write_text("django==5.3\n")
        again = Recorded(checkout, wanted="dev")

        assert again.make() is True

    def test_the_demo_takes_nothing_away_from_a_developer(self, checkout: Path) -> None:
        Recorded(checkout, wanted="dev").make()
        demo = Recorded(checkout, wanted="demo")

        assert demo.make() is False
        assert demo.level == "dev"

    def test_a_developer_adds_to_the_demo(self, checkout: Path) -> None:
        Recorded(checkout, wanted="demo").make()
        developer = Recorded(checkout, wanted="dev")
        developer.make()

        assert developer.tried == ["uv dev"]

    def test_pip_serves_where_uv_does_not(self, checkout: Path) -> None:
        made = Recorded(checkout, wanted="demo", failing=("uv",))

        assert made.make() is True
        assert made.tried == ["uv demo", "pip demo"]

    def test_a_failure_says_what_to_do_and_is_tried_again(self, checkout: Path) -> None:
        broken = Recorded(checkout, wanted="demo", failing=("uv", "pip"))
        with pytest.raises(environment.SetupError, match=r"(?s)uv failed.*pip failed.*network"):
            broken.make()

        assert Recorded(checkout, wanted="demo").make() is True

    def test_a_command_that_fails_is_quoted(self, tmp_path: Path) -> None:
        code = "import sys; print('no space left'); sys.exit(1)"
        with pytest.raises(environment.CommandFailed, match="no space left"):
            environment.run([sys.executable, "-c", code], cwd=tmp_path)

    def test_an_unknown_option_is_refused_with_the_manual(self) -> None:
        done = subprocess.run(
            [sys.executable, BIN / "setup", "--runtme"], check=False, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "--runtime" in done.stderr


class TestDebianPackages:
    def test_those_that_the_tests_name_are_wanted(self) -> None:
        wanted = debian.wanted_packages(BIN.parent)
        assert {"dovecot-imapd", "postgresql-15", "chromium"} <= set(wanted)
        assert not [name for name in wanted if "#" in name or " " in name]

    def test_one_that_is_not_installed_is_missing(self) -> None:
        assert debian.missing_packages(["no-such-package-here"]) == ["no-such-package-here"]

    def test_without_the_right_to_install_the_command_is_printed(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(debian, "missing_packages", lambda _names: ["chromium", "postfix"])
        monkeypatch.setattr(debian, "_privileged", lambda: None)
        monkeypatch.setattr(debian.shutil, "which", lambda _name: "/usr/bin/dpkg-query")

        debian.install_packages(BIN.parent)

        said = capsys.readouterr().err
        assert "sudo apt-get install --no-install-recommends chromium postfix" in said


class TestBundle:
    @pytest.fixture
    def sources(self, tmp_path: Path) -> Path:
        (tmp_path / assets.SOURCES).mkdir(parents=True)
        (tmp_path / assets.SOURCES / "app.js").write_text("go();\n")
        (tmp_path / "package-lock.json").write_text("{}")
        return tmp_path

    @pytest.fixture
    def runs(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The programs called, none of which does anything."""
        called: list[str] = []

        def record(command: list[str], root: Path) -> None:
            called.append(Path(command[0]).name)
            (root / "node_modules").mkdir(exist_ok=True)
            (root / assets.OUTPUT).mkdir(parents=True, exist_ok=True)

        monkeypatch.setattr(assets, "_run", record)
        monkeypatch.setattr(assets.shutil, "which", lambda _name: "/usr/bin/npm")
        return called

    def test_it_is_made_once_and_again_after_a_change(self, sources: Path, runs: list[str]) -> None:
        assets.bundle(sources)
        assets.bundle(sources)
        assert runs == ["npm", "esbuild"]

        (sources / assets.SOURCES / "drag.js").write_text("drag();\n")
        assets.bundle(sources)
        assert runs == ["npm", "esbuild", "esbuild"]

    def test_without_npm_one_is_told_how_to_get_it(
        self, sources: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(assets.shutil, "which", lambda _name: None)
        with pytest.raises(assets.AssetsError, match=r"apt-get install .* nodejs npm"):
            assets.bundle(sources)

    def test_a_wrong_catalogue_leaves_no_half_file(self, tmp_path: Path) -> None:
        po = tmp_path / "relance/locale/fr/LC_MESSAGES/django.po"
        po.parent.mkdir(parents=True)
        po.write_text('msgid "Trash"\nmsgstr "Corbeille"\n')

        assets.compile_messages(tmp_path)

        assert b"Corbeille" in po.with_suffix(".mo").read_bytes()
        assert not list(po.parent.glob("*.part"))


class TestLocks:
    def test_they_name_no_registry_and_hash_everything(self) -> None:
        for lock in (BIN.parent / "requirements").glob("*.txt"):
            text = lock.read_text()
            assert "://" not in text, lock.name
            pinned = [line for line in text.splitlines() if "==" in line and line[0] not in "# "]
            assert pinned and all(line.endswith("\\") for line in pinned), lock.name
        assert '"resolved"' not in (BIN.parent / "package-lock.json").read_text()
