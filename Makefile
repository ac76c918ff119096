# The index of commands. What they do stands in scripts/.
# ARGS goes to the program behind a target: make run ARGS="--simulator-port 4100", make test ARGS="--filter SQLTests".

.DEFAULT_GOAL := help
.PHONY: help run test lint bench clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: ## Install what is missing, build in release, start the gateway with the WhatsApp simulator
	@scripts/run.sh $(ARGS)

test: ## Run every test against private PostgreSQL and MongoDB-protocol servers
	@scripts/test.sh $(ARGS)

lint: ## Check formatting, scripts and tracked files
	@scripts/lint.sh

bench: ## Measure signed webhooks a second on PostgreSQL, beside pgbench
	@scripts/bench.sh $(ARGS)

clean: ## Remove build products and the test environment; data/ and uploads/ stay
	@rm -rf .build .venv
