# A static binary and nothing else: no shell, no package manager, no root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /cenote ./cmd/cenote && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /cenote /cenote
COPY --from=build --chown=65532:65532 /data /var/lib/cenote
USER 65532:65532
EXPOSE 2366
VOLUME /var/lib/cenote
ENV CENOTE_LISTEN=:2366
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/cenote", "healthcheck"]
ENTRYPOINT ["/cenote"]
CMD ["dev", "--data", "/var/lib/cenote"]
