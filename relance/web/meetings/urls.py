"""The calendar and its events."""

from django.urls import path

from relance.web.meetings import calendar, views

app_name = "meetings"
urlpatterns = [
    path("", calendar.week, name="week"),
    path("month/", calendar.month, name="month"),
    path("list/", views.list_meetings, name="list"),
    path("create/", views.create, name="create"),
    path("<int:meeting_id>/", views.show, name="show"),
    path("<int:meeting_id>/edit/", views.edit, name="edit"),
    path("<int:meeting_id>/delete/", views.delete, name="delete"),
    path("<int:meeting_id>/held/", views.set_status, {"status": "held"}, name="held"),
    path("<int:meeting_id>/cancelled/", views.set_status, {"status": "cancelled"}, name="cancel"),
    path("<int:meeting_id>/planned/", views.set_status, {"status": "planned"}, name="plan"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
]
