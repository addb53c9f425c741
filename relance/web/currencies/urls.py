"""Currencies and their rates: /settings/currencies/"""

from django.urls import path

from relance.web.currencies import views

app_name = "currencies"
urlpatterns = [
    path("", views.show, name="list"),
    path("new/", views.create, name="create"),
    path("<int:row>/", views.edit, name="edit"),
    path("<int:row>/delete/", views.delete, name="delete"),
]
