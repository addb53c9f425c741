"""What an administrator sets for everybody."""

from django.urls import path

from relance.web.organisation import addresses, limits, users, views

app_name = "organisation"
urlpatterns = [
    path("", views.edit, name="edit"),
    path("limits/", limits.edit, name="limits"),
    path("addresses/", addresses.show, name="addresses"),
    path("addresses/new/", addresses.add, name="address_new"),
    path("addresses/system/", addresses.system_mailbox, name="system_mailbox"),
    path("addresses/<int:row>/", addresses.edit, name="address_edit"),
    path("addresses/<int:row>/code/", addresses.code, name="address_code"),
    path("addresses/<int:row>/confirm/", addresses.confirm, name="address_confirm"),
    path("addresses/<int:row>/remove/", addresses.remove, name="address_remove"),
    path("domains/", views.add_domain, name="add_domain"),
    path("domains/<int:domain_id>/remove/", views.remove_domain, name="remove_domain"),
    path("users/", users.list_users, name="users"),
    path("users/invite/", users.invite, name="invite"),
    path("users/<int:user_id>/role/", users.change_role, name="role"),
    path("users/<int:user_id>/deactivate/", users.deactivate, name="deactivate"),
    path("users/<int:user_id>/reactivate/", users.reactivate, name="reactivate"),
    path("users/<int:user_id>/link/", users.new_link, name="link"),
]
