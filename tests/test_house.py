"""The house keeps its own rules; and each rule, broken on purpose, is noticed."""

import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.house import code, floors, flows

ROOT = code.ROOT
PYTHON = code.python_files()


def lint_imports(folder: Path) -> str:
    """What import-linter says of the `relance` package in `folder`."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code, to be spoiled."""
    only_python = shutil.ignore_patterns("static", "templates", "locale", "frontend", "__pycache__")
    shutil.copytree(ROOT / "relance", tmp_path / "relance", ignore=only_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


class TestFloors:
    def test_imports_only_look_down(self) -> None:
        assert "Contracts: 4 kept, 0 broken." in lint_imports(ROOT)

    @pytest.mark.parametrize(
        ("room", "line", "broken"),
        [
            ("lib", "import relance.users", "Floors only look down"),
            ("mail", "import relance.crm", "Floors only look down"),
            ("inbox", "import relance.web", "Floors only look down"),
            ("mime", "import django.utils.html", "Below jobs, nothing knows Django"),
            ("wire", "import django.conf", "Below jobs, nothing knows Django"),
            ("mime", "import http.client", "mime and lib open no socket"),
            ("crm", "import relance.wire.smtp", "Only mail speaks to mail servers"),
        ],
    )
    def test_an_import_that_looks_up_is_noticed(
        self, copy: Path, room: str, line: str, broken: str
    ) -> None:
        (copy / f"relance/{room}/spy.py").write_text(f"{line}\n")

        said = lint_imports(copy)

        assert f"relance.{room}.spy" in said
        assert any(broken in row and "BROKEN" in row for row in said.splitlines())

    def test_a_room_on_no_floor_is_noticed(self, copy: Path) -> None:
        (copy / "relance/cellar").mkdir()
        (copy / "relance/cellar/__init__.py").touch()

        assert "cellar" in lint_imports(copy)

    def test_everybody_may_use_the_guard(self, copy: Path) -> None:
        (copy / "relance/crm/spy.py").write_text("import relance.wire.guard\n")

        assert "Contracts: 4 kept, 0 broken." in lint_imports(copy)

    def test_an_application_is_labelled_like_its_room(self) -> None:
        ours = [config for config in apps.get_app_configs() if config.name.startswith("relance.")]
        assert ours
        assert [c.label for c in ours] == [c.name.removeprefix("relance.") for c in ours]

    def test_every_room_stands_on_a_floor(self) -> None:
        rooms = {path.parent.name for path in (ROOT / "relance").glob("*/__init__.py")}
        assert rooms <= set(floors.floors())


class TestForeignKeys:
    def test_they_only_look_down(self) -> None:
        ours = floors.our_models()
        assert len(ours) > 10
        assert floors.relation_faults(ours) == []

    @isolate_apps("relance.crm")
    @pytest.mark.parametrize(
        "field",
        [
            models.ForeignKey("inbox.Placement", models.CASCADE),
            models.OneToOneField("mail.Thread", models.CASCADE),
            models.ManyToManyField("mail.Message"),
        ],
        ids=["up", "sideways", "many"],
    )
    def test_one_written_as_a_string_is_noticed(self, field: models.Field) -> None:
        spy = type(
            "Spy",
            (models.Model,),
            {
                "__module__": __name__,
                "Meta": type("Meta", (), {"app_label": "crm"}),
                "secret": field.clone(),
            },
        )
        [fault] = floors.relation_faults([spy])

        assert fault.startswith("crm.Spy.secret looks up or sideways at ")

    @isolate_apps("relance.crm")
    def test_one_that_looks_down_is_welcome(self) -> None:
        class Spy(models.Model):
            address = models.ForeignKey("addresses.EmailAddress", models.CASCADE)
            owner = models.ForeignKey("users.User", models.CASCADE)

            class Meta:
                app_label = "crm"

        assert floors.relation_faults([Spy]) == []


class TestTemplates:
    def test_a_page_uses_its_own(self) -> None:
        assert floors.template_faults() == []

    def test_a_page_that_includes_another_is_noticed(self, tmp_path: Path) -> None:
        (tmp_path / "inbox").mkdir()
        (tmp_path / "shell").mkdir()
        page = '{% extends "shell/base.html" %}{% include "inbox/_row.html" %}'
        (tmp_path / "inbox/page.html").write_text(page + "{% include 'crm/_card.html#head' %}")
        (tmp_path / "shell/base.html").write_text('{% include "inbox/_row.html" %}')

        faults = floors.template_faults(tmp_path)

        assert faults == [
            "inbox/page.html uses crm/_card.html#head, of another page",
            "shell/base.html is shared and uses a page's inbox/_row.html",
        ]


class TestPortsAndSignals:
    def test_each_is_written_down_and_there_are_ten_at_most(self) -> None:
        assert flows.faults(flows.documented(), flows.declared()) == []

    def test_one_that_is_not_written_down_is_noticed(self, tmp_path: Path) -> None:
        (tmp_path / "mail").mkdir()
        (tmp_path / "mail/ports.py").write_text("placer: Placer | None = None\n_private = 1\n")
        with (tmp_path / "mail/ports.py").open("a") as ports:
            ports.write("def register_placer(given): ...\n")
        (tmp_path / "mail/signals.py").write_text("moved = dispatch.Signal()\nLIMIT = 3\n")
        (tmp_path / "mail/undo.py").write_text("def register_undo(verb, how): ...\n")

        found = flows.declared(tmp_path)

        assert found == {"mail.ports.placer", "mail.signals.moved", "mail.undo.register_undo"}
        assert flows.faults({"mail.ports.placer"}, found) == [
            "mail.signals.moved is not in flows.md",
            "mail.undo.register_undo is not in flows.md",
        ]

    def test_one_that_is_gone_or_too_many_is_noticed(self) -> None:
        eleven = {f"mail.ports.port{n}" for n in range(11)}
        assert flows.faults({*eleven, "mail.ports.gone"}, eleven) == [
            "mail.ports.gone is in no module",
            "11 ports and signals",
        ]


class TestCode:
    def test_files_and_functions_are_short(self) -> None:
        lengths = code.function_lengths(p for p in PYTHON if p.is_relative_to(ROOT / "relance"))

        assert code.length_faults(PYTHON) == []
        assert code.script_faults(code.tracked_files()) == []
        assert statistics.median(lengths) < 10

    def test_a_long_file_or_function_is_noticed(self, tmp_path: Path) -> None:
        spoiled = tmp_path / "long.py"
        spoiled.write_text("async def endless():\n" + "    await nothing()\n" * 60 + "\n" * 440)
        script = tmp_path / "long.js"
        script.write_text("go();\n" * 151)

        faults = code.length_faults([spoiled])

        assert faults == ["long.py has 501 lines", "long.py: endless has 61 lines"]
        assert code.script_faults([script]) == ["long.js has more than 150 lines"]

    def test_files_are_named_for_something(self) -> None:
        assert code.name_faults(PYTHON) == []
        assert code.name_faults([Path("relance/mail/utils.py"), Path("relance/core/a.py")])

    def test_no_reminder_is_left(self, tmp_path: Path) -> None:
        spoiled = tmp_path / "later.js"
        spoiled.write_text("// " + "TO" + "DO: finish\n")

        assert code.reminder_faults(code.tracked_files()) == []
        assert code.reminder_faults([spoiled]) == ["later.js holds a reminder"]

    def test_texts_speak_of_the_product_alone(self, tmp_path: Path) -> None:
        spoiled = tmp_path / "notes.md"
        spoiled.write_text("from https://" + "pypi" + ".org/simple and .." + "/shared/plan.md")

        assert code.word_faults(code.tracked_files()) == []
        assert len(code.word_faults([spoiled])) == 2

    def test_parsing_opens_no_socket(self, tmp_path: Path) -> None:
        spoiled = tmp_path / "fetch.py"
        spoiled.write_text("from urllib import request\nfrom urllib.parse import quote\n")
        below = [path for path in PYTHON if {"mime", "lib"} & set(path.parts[-3:-1])]
        ours = [path for path in below if path.is_relative_to(ROOT / "relance")]

        assert ours
        assert code.socket_faults(ours) == []
        assert code.socket_faults([spoiled]) == ["fetch.py imports urllib.request"]
