# docker build --tag v380cli .
# It records, serves and uploads without root; /video is for recordings, /data for the device list.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY v380cli v380cli
# Versions without their hashes: with those pip wants one of our own source, too, and refuses it.
RUN sed -e '/--hash=/d' -e 's/ \\$//' constraints.txt >pins.txt \
    && python -m venv /opt/v380 \
    && /opt/v380/bin/pip install --no-cache-dir --constraint pins.txt .

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends rclone \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home v380 \
    && install -d -o v380 -g v380 -m 700 /data \
    && install -d -o v380 -g v380 /video
COPY --from=build /opt/v380 /opt/v380
ENV PATH=/opt/v380/bin:$PATH V380_DATA_DIR=/data
USER v380
WORKDIR /video
VOLUME ["/data", "/video"]
# A recorder is well while it writes; another command needs a check of its own, or none.
HEALTHCHECK --interval=1m --timeout=10s --start-period=5m \
    CMD ["sh", "-c", "find /video -name '*.part' -mmin -2 | grep -q ."]
CMD ["v380", "record", "--all", "--wait", "--segment", "15m", "--min-free", "2G"]
