# docker build -t inferometer .
# docker run --rm -p 9840:9840 inferometer demo --web.listen-address=0.0.0.0:9840
#
# Any Debian from 12 on is a base. Both stages are of the same one, as the libraries' versions are.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /inferometer
# The list of packages is ./dev's; while it stays as it is, so does this layer.
COPY dev ./
RUN ./dev setup build
COPY . .
ARG REVISION=unknown
RUN cmake --preset release -DINFEROMETER_TESTS=OFF -DINFEROMETER_BENCHMARKS=OFF \
      -DINFEROMETER_REVISION="$REVISION" \
 && cmake --build --preset release
RUN cpack --config build/release/CPackConfig.cmake -B /package

FROM ${BASE}
RUN --mount=type=bind,from=build,source=/package,target=/package \
    apt-get update \
 && apt-get install --yes --no-install-recommends /package/inferometer_*.deb \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/ldconfig/aux-cache

ARG REVISION=unknown
LABEL org.opencontainers.image.title="Inferometer" \
      org.opencontainers.image.description="Measures the latency of LLM APIs and exports it to Prometheus" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="$REVISION"

# A number, so that Kubernetes can see that it is not root. It needs no writable folder.
USER 65532:65532
EXPOSE 9840
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s CMD ["/usr/bin/inferometer", "healthcheck"]
ENTRYPOINT ["/usr/bin/inferometer"]
CMD ["--config.file=/etc/inferometer/inferometer.yml"]
