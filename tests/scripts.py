"""The modules of bin/, for the tests: they are no package, and are loaded by their path."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

BIN = Path(__file__).resolve().parents[1] / "bin"


def load(name: str) -> ModuleType:
    """The module bin/<name>.py."""
    spec = importlib.util.spec_from_file_location(f"bin_{name}", BIN / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
