"""Coming in and going out."""

from django.urls import path

from relance.web.users import views, welcome

app_name = "users"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
]
