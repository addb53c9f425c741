"""Teams: /settings/teams/"""

from django.urls import path

from relance.web.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.show, name="list"),
    path("new/", views.create, name="create"),
    path("<int:team_id>/", views.edit, name="edit"),
    path("<int:team_id>/delete/", views.delete, name="delete"),
]
