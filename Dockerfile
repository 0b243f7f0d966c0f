# Runut as one image: the command `runut`, run by a user who is not root. Every package is checked
# against its hash in requirements-run.lock.

# What others wrote for the pages, by the hashes in web/vendor.json.
FROM node:22.20.0-bookworm-slim AS pages
WORKDIR /src
COPY scripts/need-web scripts/need-web
COPY web/vendor.json web/vendor.json
RUN scripts/need-web bpmn-js

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/runut
COPY requirements-run.lock ./
RUN /opt/runut/bin/pip install --require-hashes --no-deps -r requirements-run.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY eventlog eventlog
COPY connectors connectors
COPY miners miners
COPY engine engine
COPY reports reports
COPY web web
COPY docs docs
COPY --from=pages /src/web/static/vendor web/static/vendor
COPY simulation simulation
COPY flows flows
RUN /opt/runut/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11.14-slim-bookworm
ENV PATH=/opt/runut/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/home/runut/numba
COPY --from=build /opt/runut /opt/runut
RUN useradd --create-home --uid 10001 runut \
    && install -d -o runut -g runut -m 0700 /var/lib/runut /var/lib/runut-keys /var/lib/runut-audit
USER runut
WORKDIR /home/runut
CMD ["runut", "--help"]
