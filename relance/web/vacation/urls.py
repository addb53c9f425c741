"""The user's absences, one for each mailbox."""

from django.urls import path

from relance.web.vacation import views

app_name = "vacation"
urlpatterns = [
    path("", views.edit, name="edit"),
    path("<int:pk>/", views.edit, name="mailbox"),
]
