"""The wheel's build hook: the bundle and the compiled translations travel inside the wheel."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _assets(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets", root / "bin/assets.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class AssetsBuildHook(BuildHookInterface[Any]):
    """Makes the assets before the files are gathered. An editable install leaves it to bin/setup.

    Raises AssetsError, with what to do, when Node.js is needed and absent. A source archive
    already holds the bundle, so that building from it needs no Node.js.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        root = Path(self.root)
        if version == "editable":
            return
        assets = _assets(root)
        if (root / "PKG-INFO").exists() and (root / assets.OUTPUT).is_dir():
            return
        assets.make_all(root)
