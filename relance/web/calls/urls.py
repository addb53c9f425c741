"""Calls."""

from django.urls import path, register_converter

from relance.web.calls import views


class Outcome:
    """How a call turned out, as an address says it."""

    regex = "held|not-held|planned"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Outcome, "call_outcome")

app_name = "calls"
urlpatterns = [
    path("", views.list_calls, name="list"),
    path("create/", views.create, name="create"),
    path("<int:call_id>/", views.show, name="show"),
    path("<int:call_id>/edit/", views.edit, name="edit"),
    path("<int:call_id>/delete/", views.delete, name="delete"),
    path("<int:call_id>/<call_outcome:status>/", views.set_status, name="status"),
]
