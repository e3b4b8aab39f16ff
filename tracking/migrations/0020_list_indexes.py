from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0019_acknowledgement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="issue",
            name="issue_state_level",
        ),
        migrations.AlterField(
            model_name="logentry",
            name="batch_id",
            field=models.BigIntegerField(db_index=True, null=True),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["code"], name="issue_code"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["level", "state"], name="issue_level_state"),
        ),
    ]
