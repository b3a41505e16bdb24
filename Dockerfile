# syntax=docker/dockerfile:1

# One image for every process: web (the default command), worker, migrations and the one-process `serve`.
FROM python:3.11-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

# The playground's browser files. Node comes as a wheel; nothing of this stage but the files leaves it.
FROM python AS playground
WORKDIR /build
COPY requirements-assets.txt package.json package-lock.json .npmrc ./
RUN pip install --no-cache-dir --require-hashes -r requirements-assets.txt
# This one module of the folder, because the others need the packages.
COPY launch/assets.py launch/assets.py
RUN python -m launch.assets

# The packages, in an environment without pip. Wheels only: nothing is compiled, so no compiler is ever installed.
FROM python AS packages
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt

FROM python AS final
# What installs programs has no place where the program runs.
RUN python -m pip uninstall --yes pip setuptools wheel \
    && useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin shop \
    && install --directory --owner=shop /var/lib/shop /var/lib/shop/media
# Production unless told otherwise: started with no settings, the image refuses rather than run with known secrets.
ENV PATH=/opt/venv/bin:$PATH \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=5000 \
    LOCAL_DATA_DIR=/var/lib/shop
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
# The files belong to root: the program can read its code, and nobody who breaks into it can change it. It writes to
# /var/lib/shop only.
COPY alembic.ini app.py gunicorn.conf.py init_db.py manage.py wiring.py ./
COPY alembic/ alembic/
COPY commands/ commands/
COPY demo/ demo/
COPY graphql_api/ graphql_api/
COPY launch/ launch/
COPY models/ models/
COPY routes/ routes/
COPY services/ services/
COPY static/ static/
COPY --from=playground /build/static/vendor static/vendor
COPY templates/ templates/
COPY utils/ utils/
COPY workers/ workers/
COPY web/ web/
COPY gateways/ gateways/
USER 10001
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=2)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "app:app"]
