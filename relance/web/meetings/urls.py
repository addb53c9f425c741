"""The calendar and its events."""

from django.urls import path

from relance.web.meetings import calendar, feed, inviting, views

app_name = "meetings"
urlpatterns = [
    path("", calendar.week, name="week"),
    path("month/", calendar.month, name="month"),
    path("feed/", feed.show, name="feed"),
    path("feed/make/", feed.make, name="feed_make"),
    path("feed/stop/", feed.stop, name="feed_stop"),
    path("feed/<str:token>.ics", feed.ics, name="ics"),
    path("list/", views.list_meetings, name="list"),
    path("create/", views.create, name="create"),
    path("<int:meeting_id>/", views.show, name="show"),
    path("<int:meeting_id>/edit/", views.edit, name="edit"),
    path("<int:meeting_id>/delete/", views.delete, name="delete"),
    path("<int:meeting_id>/tell/", inviting.tell, name="tell"),
    path("<int:meeting_id>/held/", views.set_status, {"status": "held"}, name="held"),
    path("<int:meeting_id>/cancelled/", views.set_status, {"status": "cancelled"}, name="cancel"),
    path("<int:meeting_id>/planned/", views.set_status, {"status": "planned"}, name="plan"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
]
