import django.core.validators
import django.db.models.deletion
import relance.lib.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, unique=True, verbose_name="e-mail address"),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=100, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=100, verbose_name="last name"),
                ),
                ("title", models.CharField(blank=True, max_length=150, verbose_name="title")),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="phone")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("member", "Sales"),
                            ("manager", "Manager"),
                            ("admin", "Administrator"),
                        ],
                        default="member",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("language", models.CharField(default="fr", max_length=8, verbose_name="language")),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Paris", max_length=64, verbose_name="time zone"
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("", "As the system"), ("light", "Light"), ("dark", "Dark")],
                        max_length=8,
                        verbose_name="theme",
                    ),
                ),
                (
                    "single_key_shortcuts",
                    models.BooleanField(default=True, verbose_name="single-key shortcuts"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(default=relance.lib.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FailedLogin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("failure_count", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(db_index=True, default=relance.lib.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "currency",
                    models.CharField(default="EUR", max_length=3, verbose_name="currency"),
                ),
                ("language", models.CharField(default="fr", max_length=8, verbose_name="language")),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Paris", max_length=64, verbose_name="time zone"
                    ),
                ),
                (
                    "fetch_interval",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="fetch interval (minutes)",
                    ),
                ),
                (
                    "allowed_hosts",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Hosts, host:port pairs or networks inside your own network.",
                        verbose_name="private mail servers allowed",
                    ),
                ),
                (
                    "look_up_servers",
                    models.BooleanField(default=True, verbose_name="look up unknown mail servers"),
                ),
                (
                    "domain_first",
                    models.BooleanField(
                        default=False, verbose_name="the company domain wins over the CRM"
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("setup", "Setup"),
                            ("invitation", "Invitation"),
                            ("login", "Login"),
                        ],
                        max_length=12,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
