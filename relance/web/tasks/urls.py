"""Tasks."""

from django.urls import path

from relance.web.tasks import columns, views

columns.declare()

app_name = "tasks"
urlpatterns = [
    path("", views.list_tasks, name="list"),
    path("create/", views.create, name="create"),
    path("<int:task_id>/", views.show, name="show"),
    path("<int:task_id>/edit/", views.edit, name="edit"),
    path("<int:task_id>/done/", views.finish, name="finish"),
    path("<int:task_id>/open/", views.reopen, name="reopen"),
    path("<int:task_id>/delete/", views.delete, name="delete"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
]
