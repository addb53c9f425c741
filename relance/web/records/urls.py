"""What belongs to every list: /lists/<module>/…"""

from django.urls import path

from relance.web.records import bulk, keeping, views

keeping.declare()
app_name = "records"
urlpatterns = [
    path("<slug:key>/criteria/", views.criteria, name="criteria"),
    path("<slug:key>/columns/", views.choose_columns, name="columns"),
    path("<slug:key>/bulk/<slug:name>/", bulk.act, name="bulk"),
    path("<slug:key>/views/new/", keeping.create, name="create_view"),
    path("<slug:key>/views/<int:view_id>/edit/", keeping.edit, name="edit_view"),
    path("<slug:key>/views/<int:view_id>/update/", keeping.update, name="update_view"),
    path("<slug:key>/views/<int:view_id>/delete/", keeping.delete, name="delete_view"),
]
