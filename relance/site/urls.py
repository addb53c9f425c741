"""Every page's address, from the page's own `urls`."""

from django.urls import include, path

_PAGES = (
    ("", "shell"),
    ("", "inbox"),
    ("threads/", "conversation"),
    ("panel/", "panel"),
    ("people/", "people"),
    ("accounts/", "companies"),
    ("deals/board/", "pipeline"),
    ("deals/", "deals"),
    ("lists/", "records"),
    ("history/", "history"),
    ("tasks/", "tasks"),
    ("calls/", "calls"),
    ("cases/", "cases"),
    ("sales/", "sales"),
    ("calendar/", "meetings"),
    ("notes/", "notes"),
    ("record-files/", "record_files"),
    ("convert/", "convert"),
    ("duplicates/", "merge"),
    ("personal-data/", "personal_data"),
    ("imports/", "imports"),
    ("mails/", "related_mails"),
    ("mailboxes/", "mailboxes"),
    ("mailboxes/", "identities"),
    ("", "users"),
    ("preferences/", "preferences"),
    ("preferences/vacation/", "vacation"),
    ("settings/", "organisation"),
    ("settings/fields/", "custom_fields"),
    ("settings/teams/", "teams"),
    ("settings/stages/", "stages"),
    ("settings/currencies/", "currencies"),
    ("notices/", "notices"),
    ("documents/", "documents"),
    ("templates/", "mailtemplates"),
    ("", "signature"),
    ("outgoing/", "outgoing"),
    ("compose/", "compose"),
)

urlpatterns = [
    *(path(prefix, include(f"relance.web.{page}.urls")) for prefix, page in _PAGES),
    path("demo/", include("relance.demo.urls")),
]

handler403 = "relance.web.shell.errors.forbidden"
handler404 = "relance.web.shell.errors.not_found"
handler500 = "relance.web.shell.errors.server_error"
