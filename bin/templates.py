"""Compiles every template of the product: a wrong tag is found before a visitor finds it.

`python bin/templates.py`: faults, one a line; 1 when there are any.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def faults(folder: Path) -> list[str]:
    """The templates below `folder` that do not compile, each with why. Django must be set up."""
    from django.template import TemplateSyntaxError, engines
    from django.template.exceptions import TemplateDoesNotExist

    found = []
    for path in sorted(folder.rglob("*.*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        try:
            engines["django"].from_string(path.read_text())
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            found.append(f"{path.relative_to(folder)}: {error}")
    return found


def main() -> int:
    """0 when every template compiles, 1 when one does not."""
    import django

    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"RELANCE_DATA": data, "DJANGO_SETTINGS_MODULE": "relance.site.settings"}
        sys.path.insert(0, str(ROOT))
        django.setup()
        found = faults(ROOT / "relance/web/templates")
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
