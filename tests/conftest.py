"""What every test may ask for. Servers are real and started on loopback on first use."""

import importlib

import pytest
from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

pytest_plugins = ["tests.servers.fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the sweeps of minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow sweeps out unless asked for."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session", autouse=True)
def _stages_survive_a_flush() -> None:
    """A test that commits ends with an emptied database; what the migrations put there, and every
    installation has, is put back before the next."""
    post_migrate.connect(_put_stages_back, dispatch_uid="tests.stages")


@pytest.fixture(autouse=True)
def _fields_are_read_anew() -> None:
    """The administrator's fields are remembered for a moment; a test rolls its own back."""
    custom_fields = importlib.import_module("relance.crm.custom_fields")
    custom_fields.forget()


def _put_stages_back(sender: AppConfig, **_signal: object) -> None:
    if sender.label == "crm":
        migration = importlib.import_module("relance.crm.migrations.0002_default_stages")
        migration.make_stages(apps, None)
