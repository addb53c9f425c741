"""Converting leads."""

from django.urls import path

from relance.web.convert import views

app_name = "convert"
urlpatterns = [
    path("<int:person_id>/", views.lead, name="lead"),
    path("<int:person_id>/history/", views.history, name="history"),
    path("<int:person_id>/undo/<int:entry_id>/", views.undo, name="undo"),
    path("<int:person_id>/origin/", views.origin, name="origin"),
    path("<int:person_id>/original/", views.original, name="original"),
]
