FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libmariadb-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
COPY requirements /requirements
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r /requirements/prod.txt

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libmariadb3 mariadb-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home boukii
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
COPY --chown=boukii . .
RUN mkdir -p var/images var/forecasts var/backups && chown -R boukii var
USER boukii
# Embedded defaults are enough to collect the static files; the running container gets real settings.
RUN python manage.py collectstatic --noinput -v0
EXPOSE 8000
CMD ["gunicorn", "boukii_migration.wsgi", "--bind=0.0.0.0:8000", "--workers=2", "--timeout=60"]
