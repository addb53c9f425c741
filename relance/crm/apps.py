from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "relance.crm"
    label = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from relance.crm import (
            activity_fields,
            cases,
            common_fields,
            custom_criteria,
            custom_fields,
            fields,
            sales_fields,
            undo,
        )

        fields.declare()
        activity_fields.declare()
        cases.declare()
        common_fields.declare()
        custom_fields.declare()
        custom_criteria.declare()
        sales_fields.declare()
        undo.register()
