from django.urls import path

from relance.demo import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mail, name="mail"),
    path("as/", views.become, name="become"),
]
