# JupyterLab with the Go kernel, its notebooks, and what compiled cells need. See docs/deploy.md; "make image" builds it.
# The bases are pinned by their digests, which are those of lists for several platforms: amd64 and arm64 among them.
ARG GO_IMAGE=docker.io/library/golang:1.26.8-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d
ARG BASE_IMAGE=docker.io/library/debian:bookworm-20260824-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171

# The kernel, and the toolchain without what only those need who work on Go itself. The binary stays where its build put the
# sources' paths, for compiled cells share packages with it.
FROM ${GO_IMAGE} AS kernel
ENV GOTOOLCHAIN=local CGO_ENABLED=1
WORKDIR /opt/gokernel/src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY internal internal
COPY kernel kernel
COPY lessons lessons
RUN go build -buildvcs=false -ldflags=-w -o /opt/gokernel/bin/gokernel ./cmd/gokernel
RUN cd /usr/local/go \
 && rm -rf api doc misc test \
 && find src \( -name testdata -o -name '*_test.go' \) -prune -exec rm -rf {} +
# Layers keep times to the second, and by its time a toolchain is known again.
RUN touch --date=@1700000000 /usr/local/go/bin/go

# JupyterLab and what JupyterHub needs of a user's server, as the lock file says.
FROM ${BASE_IMAGE} AS lab
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*
COPY clients/requirements/hub.txt /tmp/hub.txt
RUN python3 -m venv /opt/jupyter \
 && /opt/jupyter/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /tmp/hub.txt \
 && /opt/jupyter/bin/python -m pip uninstall --yes pip setuptools \
 && find /opt/jupyter -name tests -type d -prune -exec rm -rf {} + \
 && find /opt/jupyter -name '*.js.map' -delete
# The hub's own pages are the hub's.
RUN rm -rf /opt/jupyter/share/jupyterhub/static

# What the programs run on. Of the C compiler, what optimizes whole programs is left out: it is as large as the rest of it.
FROM ${BASE_IMAGE} AS base
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev openssl procps python3 tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /var/cache/debconf/*-old \
      /usr/bin/*-lto-dump-* /usr/bin/lto-dump-* /usr/lib/gcc/*/*/lto1 \
 && useradd --no-log-init --no-create-home --home-dir /home/jovyan --shell /bin/bash --uid 1000 --gid 100 jovyan \
 && mkdir -p /home/jovyan/work && chown -R 1000:100 /home/jovyan && chmod -R 0777 /home/jovyan
COPY --from=kernel /usr/local/go /usr/local/go
ENV PATH=/opt/gokernel/bin:/opt/jupyter/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 SHELL=/bin/bash JUPYTER_PATH=/opt/jupyter/share/jupyter GOTOOLCHAIN=local GOCACHE=/opt/gokernel/go-build

# All that a reader would wait for is compiled here, into a build cache that every user may write to: the standard library for compiled
# cells, for programs and for the race detector. That does not depend on the kernel, which finds it all done; what it finds
# missing it compiles. The go command forgets what is older than five days, so nothing in the cache is old.
FROM base AS warm
ENV XDG_CACHE_HOME=/opt/gokernel/cache HOME=/root
RUN go list -export -buildmode=plugin std >/dev/null
RUN go list -export -trimpath std >/dev/null
RUN go list -export -trimpath -race std >/dev/null
COPY --from=kernel /opt/gokernel/bin /opt/gokernel/bin
RUN gokernel install --prefix /opt/jupyter \
 && gokernel warm \
 && find "$GOCACHE" -type f -exec touch --date=2037-01-01 {} + \
 && chmod -R a+rwX "$GOCACHE" && chmod -R a+rX "$XDG_CACHE_HOME"

FROM base
COPY --from=lab /opt/jupyter /opt/jupyter
COPY --from=warm /opt/jupyter/share/jupyter/kernels /opt/jupyter/share/jupyter/kernels
COPY --from=warm /opt/gokernel /opt/gokernel
COPY notebooks /opt/gokernel/notebooks
COPY deploy/image/jupyter_server_config.py /etc/jupyter/
COPY deploy/image/start deploy/image/healthy /opt/gokernel/bin/
LABEL org.opencontainers.image.title="gokernel" \
      org.opencontainers.image.description="JupyterLab with a kernel for Go, and its lessons on concurrency" \
      org.opencontainers.image.licenses="BSD-3-Clause"
ENV HOME=/home/jovyan
USER 1000:100
WORKDIR /home/jovyan
EXPOSE 8888
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["healthy"]
ENTRYPOINT ["tini", "-g", "--", "start"]
CMD ["lab"]
