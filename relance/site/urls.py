"""Every page's address, from the page's own `urls`."""

from importlib.util import find_spec

from django.urls import include, path

_PAGES = (
    ("", "shell"),
    ("", "inbox"),
    ("threads/", "conversation"),
    ("people/", "people"),
    ("accounts/", "companies"),
    ("deals/", "deals"),
    ("mailboxes/", "mailboxes"),
    ("", "users"),
    ("preferences/", "preferences"),
    ("settings/", "organisation"),
    ("notices/", "notices"),
    ("demo/", "demo"),
)

urlpatterns = [
    path(prefix, include(f"relance.web.{page}.urls"))
    for prefix, page in _PAGES
    if find_spec(f"relance.web.{page}") and find_spec(f"relance.web.{page}.urls")
]

handler403 = "relance.web.shell.errors.forbidden"
handler404 = "relance.web.shell.errors.not_found"
handler500 = "relance.web.shell.errors.server_error"
