"""What the panel remembers."""

from django.urls import path

from relance.web.panel import views

app_name = "panel"
urlpatterns = [path("state/", views.remember, name="state")]
