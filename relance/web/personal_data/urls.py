"""Personal data."""

from django.urls import path

from relance.web.personal_data import views

app_name = "personal_data"
urlpatterns = [
    path("", views.erasures, name="list"),
    path("<int:person_id>/", views.show, name="show"),
    path("<int:person_id>/data.json", views.as_json, name="json"),
    path("<int:person_id>/data.zip", views.as_zip, name="zip"),
    path("<int:person_id>/erase/", views.erase, name="erase"),
]
