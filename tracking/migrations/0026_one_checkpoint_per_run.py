"""A run has one checkpoint: of several that were begun side by side the first one that was taken stays."""

from typing import Any

from django.db import migrations, models


def keep_one(apps: Any, schema_editor: Any) -> None:
    seen: set[int] = set()
    all_of = apps.get_model("tracking", "Checkpoint").objects.filter(run__isnull=False)
    for one in [*all_of.filter(state="taken").order_by("pk"), *all_of.exclude(state="taken").order_by("pk")]:
        if one.run_id in seen:
            one.delete()
        seen.add(one.run_id)


class Migration(migrations.Migration):
    dependencies = [("tracking", "0025_words_of_findings")]

    operations = [
        migrations.RunPython(keep_one, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="checkpoint",
            constraint=models.UniqueConstraint(fields=("run",), name="one_checkpoint_per_run"),
        ),
    ]
