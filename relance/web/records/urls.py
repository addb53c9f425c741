"""What belongs to every list: /lists/<module>/…"""

from django.urls import path

from relance.web.records import views

app_name = "records"
urlpatterns = [
    path("<slug:key>/criteria/", views.criteria, name="criteria"),
    path("<slug:key>/columns/", views.choose_columns, name="columns"),
]
