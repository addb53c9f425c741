"""Notes."""

from django.urls import path

from relance.web.notes import views

app_name = "notes"
urlpatterns = [
    path("create/", views.create, name="create"),
    path("<int:note_id>/edit/", views.edit, name="edit"),
    path("<int:note_id>/delete/", views.delete, name="delete"),
    path("related/<slug:entity>/<int:key>/", views.related, name="related"),
]
