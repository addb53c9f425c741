import relance.lib.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CompanyDomain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(max_length=255, unique=True, verbose_name="domain")),
                (
                    "include_subdomains",
                    models.BooleanField(default=False, verbose_name="include sub-domains"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EmailAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=320, unique=True)),
                ("domain", models.CharField(db_index=True, max_length=255)),
                ("created_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
            ],
        ),
    ]
