"""Cases."""

from django.urls import path

from relance.web.cases import automatic, views

app_name = "cases"
urlpatterns = [
    path("", views.list_cases, name="list"),
    path("automatic/", automatic.show, name="automatic"),
    path("automatic/<int:account_id>/", automatic.save, name="automatic_save"),
    path("create/", views.create, name="create"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
    path("<int:case_id>/", views.show, name="show"),
    path("<int:case_id>/edit/", views.edit, name="edit"),
    path("<int:case_id>/status/", views.set_status, name="status"),
    path("<int:case_id>/delete/", views.delete, name="delete"),
]
