# Built in the image of the Swift toolchain, run on Debian with the C libraries alone.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libpq-dev libsqlite3-dev libmongoc-dev libcurl4-openssl-dev libmagic-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The dependencies are fetched anew only when the manifest changes.
COPY Package.swift ./
RUN swift package resolve
COPY openapi.yaml ./
COPY migrations migrations
COPY Sources Sources
# The manifest names the test targets; they are not built.
COPY Tests Tests
RUN swift build --configuration release --static-swift-stdlib --product vestibule \
    && strip -o /vestibule .build/release/vestibule

FROM debian:bookworm-slim
# curl is for the health check; ffmpeg and pdftoppm make previews and voice messages, and can be left out
# (--build-arg MEDIA_PROGRAMS=).
ARG MEDIA_PROGRAMS="ffmpeg poppler-utils"
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libpq5 libsqlite3-0 libmongoc-1.0-0 libbson-1.0-0 libcurl4 libmagic1 zlib1g ca-certificates curl ${MEDIA_PROGRAMS} \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 vestibule \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/vestibule --shell /usr/sbin/nologin vestibule \
    && install -d -o vestibule -g vestibule -m 700 \
        /var/lib/vestibule /var/lib/vestibule/data /var/lib/vestibule/uploads
COPY --from=build /vestibule /usr/local/bin/vestibule

# On all addresses of the container the server starts only with API_KEYS and WHATSAPP_APP_SECRET set.
ENV HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/var/lib/vestibule/data \
    UPLOADS_DIR=/var/lib/vestibule/uploads
USER vestibule
WORKDIR /var/lib/vestibule
VOLUME ["/var/lib/vestibule/data", "/var/lib/vestibule/uploads"]
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD curl --fail --silent --output /dev/null "http://127.0.0.1:${PORT}/health" || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["vestibule"]
CMD ["serve"]
