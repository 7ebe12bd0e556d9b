# syntax=docker/dockerfile:1
# The hub as an image: `docker build --tag kordon .`. The version of Rust is the one that Cargo.toml asks for.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev libssl-dev pkg-config \
    && rm --recursive --force /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package kordon --bin kordon \
    && install -D target/release/kordon /out/kordon

# No PostgreSQL is in it: the hub gets the address of a database, DATABASE_URL.
FROM debian:12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3 \
    && rm --recursive --force /var/lib/apt/lists/* \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/kordon
COPY --from=build /out/kordon /usr/local/bin/kordon
# A number, so that Kubernetes can tell that it is not root.
USER 10001:10001
ENV KORDON_DATA=/var/lib/kordon
WORKDIR /var/lib/kordon
EXPOSE 8080
ENTRYPOINT ["kordon"]
CMD ["serve"]
