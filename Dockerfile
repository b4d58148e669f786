# The register as a small image that runs without root and keeps its data in /data.
# Both stages must have the same C library: a glibc no older in the second than in the first.
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${RUST_IMAGE} AS build
WORKDIR /build
# What the program depends on is built first, with no more of the program than Cargo needs to know: these layers stand until
# a dependency changes, and a change of the program compiles the program alone.
COPY Cargo.toml Cargo.lock build.rs ./
COPY .cargo .cargo
RUN mkdir src migrations && echo 'fn main() {}' >src/main.rs && touch src/lib.rs \
    && cargo build --release --locked --bin pledgebook \
    && rm -r src
COPY . .
# Their files may be older than what was just built, and Cargo looks at that alone.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked --bin pledgebook && mkdir /data

FROM ${RUNTIME_IMAGE}
COPY --from=build /build/target/release/pledgebook /usr/local/bin/pledgebook
# Copied rather than made: the second image needs no shell. A named volume takes over its owner.
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
# Where sqlite:pledgebook.db is, which holds unless DATABASE_URL or DATABASE_URL_FILE is said: preset, one would rule out the other.
WORKDIR /data
ENV LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
# Whether it is alive, not whether it is ready: an upgrade may take long, and must not be restarted for that.
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["pledgebook", "healthcheck", "--alive"]
ENTRYPOINT ["pledgebook"]
CMD ["serve"]
