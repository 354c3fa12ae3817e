# make run   build and start `cenote dev`
# make test  install what the tests need, then run all of them

SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
export CGO_ENABLED ?= 0

VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS    := -s -w -X main.version=$(VERSION)
GOFUMPT    := mvdan.cc/gofumpt@v0.12.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PLATFORMS  := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: build run test deps lint fresh unit race js scripts bench demo release clean

build:
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/cenote ./cmd/cenote

run: build
	./bin/cenote dev

# The order is the order in which a mistake is cheapest to find.
test: deps lint fresh unit race js

deps:
	./scripts/deps.sh

lint:
	@unformatted=$$(go run $(GOFUMPT) -l .); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (go run $(GOFUMPT) -w .):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

# Generated files are what the generator writes today.
fresh:
	go generate ./...
	@if [ -n "$$(git status --porcelain -- internal/awsapi docs)" ]; then \
	  echo "generated files are stale:"; git status --porcelain -- internal/awsapi docs; exit 1; fi

unit:
	CENOTE_TEST_POSTGRES=required go test -timeout 20m ./...

# The race detector needs cgo. Data races do not depend on the database, so
# PostgreSQL is left out here.
race:
	CGO_ENABLED=1 CENOTE_TEST_POSTGRES=off go test -race -short -timeout 20m ./internal/...

js: build
	go build -trimpath -o bin/notes ./examples/notes
	cd test/js && npm ci --no-audit --no-fund && CENOTE_TEST_BROWSER=required npm test

bench: build
	go run ./test/bench $(BENCH)

demo: build
	./scripts/demo.sh

release:
	@for p in $(PLATFORMS); do \
	  os=$${p%/*} arch=$${p#*/} ext=; [ $$os = windows ] && ext=.exe; \
	  echo "dist/cenote-$(VERSION)-$$os-$$arch$$ext"; \
	  GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -o "dist/cenote-$(VERSION)-$$os-$$arch$$ext" ./cmd/cenote; \
	done
	cd dist && sha256sum cenote-$(VERSION)-* > SHA256SUMS

clean:
	rm -rf bin dist
