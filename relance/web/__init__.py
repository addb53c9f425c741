"""The pages."""

import django_stubs_ext

# Forms and fields name the model they are of; Django itself does not take the brackets yet.
django_stubs_ext.monkeypatch()
