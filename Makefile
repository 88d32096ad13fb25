VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null)

.PHONY: help
help: ## show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/parallax
	go build -trimpath -ldflags '-X main.version=$(VERSION) -X main.commit=$(COMMIT)' -o bin/parallax ./cmd/parallax

.PHONY: demo
demo: build ## V1 and V2 side by side on generated data and an embedded broker, a live page and a verdict
	./bin/parallax demo --listen 127.0.0.1:0

.PHONY: bench
bench: build ## measure everything and write docs/PERFORMANCE.md; on Apache Kafka too where KAFKA_SEEDS names one
	./bin/parallax bench -o docs

.PHONY: test
test: ## all tests; those against Apache Kafka where Java and Maven are there
	hack/test.sh

.PHONY: meta
meta: ## 10,000 random scripts: V1 = V2 at 1, 2, 3 and 7 partitions = oracle; 10,000 jobs that are stopped at random
	go test ./processors -count=1 -run RandomScripts -seeds 10000 -timeout 30m -v
	go test ./shadow/job -count=1 -run RandomScripts -seeds 5000 -timeout 60m

SOAK ?= 10m

.PHONY: soak
soak: ## hostile and good records mixed, then all scenarios and random queries, ten minutes each (SOAK=1m: another time): V1 = V2 (= oracle), and memory stays flat
	go test ./processors -count=1 -run '^TestSoak$$' -soak $(SOAK) -timeout 0 -v
	go test ./shadow/bench -count=1 -run '^TestSoakOfScenarios$$' -soak $(SOAK) -timeout 0 -v

.PHONY: nights
nights: ## a week of simulated nights: seven reports below build/nights, and the history of the job
	go test ./cmd/parallax -count=1 -run '^TestAWeekOfNights$$' -nights $(CURDIR)/build/nights
	go run ./cmd/parallax history build/nights/trades.yaml

.PHONY: chaos
chaos: ## kill a job 50 times on Apache Kafka, restart the broker 5 times, compare the output; then kill a job that migrates 50 times (WHAT=kills or stages: one of them; RECORDS=, KILLS=, RESTARTS=, STAGE_KILLS=, STAGE_RATE=: other numbers)
	hack/chaos.sh

.PHONY: hundred
hundred: ## a hundred jobs in one process, fifty of which fail in different ways: the others are not affected, and nothing is left of those that are removed
	MANY_JOBS=100 go test ./server/service -count=1 -run '^TestJobsThatFailDoNotAffectTheOthers$$' -timeout 20m -v

.PHONY: mutants
mutants: ## break the engine's rules and V2's code in one place at a time, see what notices, write docs/MUTATIONS.md
	go run ./hack/mutate -o docs/MUTATIONS.md

.PHONY: controllers
controllers: ## let Argo Rollouts' own code decide by the samples and our answers (a module of its own)
	cd hack/controllers && go test ./...

.PHONY: packaging
packaging: ## check Dockerfile, units, manifests, compose, dashboard and alert rules with the code of their programs (a module of its own)
	cd hack/packaging && go vet ./... && go test -count=1 ./...

.PHONY: lint
lint: ## gofumpt, go vet, staticcheck
	@unformatted=$$(go tool gofumpt -l .); test -z "$$unformatted" || { echo "not formatted (go tool gofumpt -w .):"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

TARGETS ?=

.PHONY: release
release: ## build the archives of the last commit for linux, darwin and windows into build/release (TARGETS=linux/amd64: only that one)
	go run ./hack/release -only '$(TARGETS)'

.PHONY: reproducible
reproducible: ## build the last commit in two folders: the programs, and the archives of a release, are the same bytes
	hack/reproducible.sh

.PHONY: kafka-up
kafka-up: ## start one Apache Kafka broker on loopback, without Docker
	@hack/kafka/up.sh

.PHONY: kafka-down
kafka-down: ## end it, and delete its data
	@hack/kafka/down.sh

.PHONY: clean
clean: ## delete what was built
	rm -rf bin build
