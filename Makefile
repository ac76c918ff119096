# The index of commands. What they do stands in scripts/.
# ARGS goes to the program behind a target: make run ARGS="--simulator-port 4100", make test ARGS="--filter SQLTests".

.DEFAULT_GOAL := help
.PHONY: help run test lint bench crash faults listeners soak model clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: ## Install what is missing, build in release, start the gateway with the WhatsApp simulator
	@scripts/run.sh $(ARGS)

test: ## Run every test against private PostgreSQL and MongoDB-protocol servers
	@scripts/test.sh $(ARGS)

lint: ## Check formatting, scripts and tracked files
	@scripts/lint.sh

bench: ## Measure signed webhooks a second beside pgbench, files served beside nginx, and searches
	@scripts/bench.sh $(ARGS)

crash: ## Kill the gateway again and again under load, and count what came through
	@scripts/reliability.sh crash $(ARGS)

faults: ## Take databases, disk, clock and Meta away under load, one after the other
	@scripts/reliability.sh faults $(ARGS)

listeners: ## Cut off sockets, a stream and an endpoint 200 times, and compare what each heard
	@scripts/reliability.sh listeners $(ARGS)

soak: ## Ten minutes of mixed load: memory and file descriptors stay level
	@scripts/reliability.sh soak $(ARGS)

model: ## Random sequences of events against a reference model; redelivered webhooks against a clean delivery
	@scripts/reliability.sh model $(ARGS)

clean: ## Remove build products and the test environment; data/ and uploads/ stay
	@rm -rf .build .venv
