"""What the panel remembers, and what it asks for once it is there."""

from django.urls import path

from relance.web.panel import views

app_name = "panel"
urlpatterns = [
    path("state/", views.remember, name="state"),
    path(
        "accounts/<int:company_id>/without/<int:person_id>/",
        views.account_deals,
        name="account_deals",
    ),
]
