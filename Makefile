# For a reader: make lab. For a developer: make test. The rest is what these are made of.
.NOTPARALLEL:
.PHONY: help lab test test-long bench build lint unit race cross venv clients browser browser-long readme readme-cold notebooks faults-native fuzz nbgrader lessons-long lock conformance fuzz-diff image image-test hub-test

help:
	@echo 'make lab        open the notebooks in JupyterLab with a Go kernel (LAB_ARGS="…" passes flags to JupyterLab)'
	@echo 'make test       every check a change must pass'
	@echo 'make test-long  what takes longer: fuzzing (FUZZTIME=10m for each target), mutated lessons, nbgrader'
	@echo 'make bench      measure the kernel, beside ipykernel'
	@echo 'make conformance  how much of Go a cell may hold; fails if something that once worked does not'
	@echo 'make build      bin/gokernel'
	@echo 'make image      a container image with JupyterLab and the kernel; image-test tries it, hub-test a class on JupyterHub'
	@echo 'make lock       renew the pinned versions of JupyterLab and the other clients'

lab:
	@sh clients/lab.sh $(LAB_ARGS)

build:
	go build -o bin/gokernel ./cmd/gokernel

test: lint unit race cross clients browser readme notebooks

test-long: test readme-cold faults-native fuzz nbgrader lessons-long browser-long image-test hub-test

lint:
	@sh .ci/lint

unit:
	go test -timeout 30m ./...

race:
	go test -race -timeout 30m ./...

# Only cgo-free builds cross compile without a C compiler for the target.
cross:
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o /dev/null ./cmd/gokernel
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 go build -o /dev/null ./cmd/gokernel
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 go vet ./...

venv:
	@sh clients/venv.sh .cache/clients clients/requirements/clients.txt
	@sh clients/install.sh .cache/clients

# The conformance suite, and nbclient, nbconvert, papermill and jupyter console on a notebook.
clients: venv
	@sh clients/run.sh

# JupyterLab and Notebook 7 in Chromium. LAB_URL=… tests a server that runs already.
browser:
	@sh clients/browser/run.sh

# The README, followed by its own commands in a fresh clone; readme-cold fetches and compiles all anew.
readme:
	@sh clients/readme/run.sh

readme-cold:
	@sh clients/readme/run.sh cold

browser-long:
	@sh clients/browser/run.sh --long

# With compiled cells, and without: both engines must show the same.
notebooks: build
	bin/gokernel verify notebooks/*.ipynb
	GOKERNEL_ENGINE=interp bin/gokernel verify notebooks/*.ipynb

fuzz:
	@sh .ci/fuzz $(FUZZTIME)

# make unit has all that may go wrong in a cell interpreted; here it is compiled.
faults-native:
	go test -timeout 30m ./internal/faults -engine native

# Exercises graded by nbgrader with the configuration that we ship.
nbgrader:
	@sh clients/nbgrader/run.sh

# Lessons whose expected outputs and code are mutated, and lessons in the hands of careless readers.
lessons-long:
	go test ./lessons -long -timeout 120m

bench: venv
	go run ./internal/bench -peer .cache/clients

lock:
	sh clients/lock.sh

# The image is called IMAGE (gokernel). See docs/deploy.md.
image:
	@sh deploy/image/build.sh

# With bases made here (STANDINS=1) where no registry can be reached.
image-test:
	@sh deploy/image/test.sh

# Thirty users who start at once, each on a server of their own; HUB_ARGS goes to deploy/hub/load.py.
hub-test:
	@sh deploy/hub/run.sh $(HUB_ARGS)

# What compiled Go prints is kept in .cache/conformance: the first run takes much longer.
conformance:
	go run ./internal/conformance -errorcheck
	go run ./internal/conformance -glue
	go run ./internal/conformance -gaps
	go run ./internal/conformance
	go run ./internal/conformance -engine auto -gaps
	go run ./internal/conformance -engine auto

# Programs made up, compiled and interpreted: what differs is kept in .cache/conformance/findings.
fuzz-diff:
	go run ./internal/conformance -fuzz $(or $(FUZZTIME),1h)
