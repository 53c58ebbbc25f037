# The door in front of meson.build. `make help` lists what there is.
BUILD   ?= build
DESTDIR ?=
PREFIX  ?= /usr/local
DIR     ?= examples/counter

.DEFAULT_GOAL := help
.PHONY: help setup run build check test e2e asan golden sweep random edits starters firefox fuzz bench bench-hot format headers install mutate clean

help: ## print this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what is missing (apt packages by name, npm packages by lock file)
	@tools/setup

run: setup build ## build and start `orbiton dev` on an example (DIR=examples/counter)
	$(BUILD)/orbiton dev $(DIR)

build: $(BUILD)/build.ninja ## build the release program into build/
	ninja -C $(BUILD) orbiton

$(BUILD)/build.ninja:
	meson setup --buildtype=release -Dwerror=false $(BUILD)

test: setup ## set up, build with sanitizers, and run every test
	tools/run_tests all

check: ## what CI runs before the browser tests: format, includes, headers, unit, protocol, replay
	tools/run_tests check

e2e: build ## only the browser tests, with the release program
	tools/run_tests e2e

asan: ## build the program with ASan and UBSan into build-asan/
	tools/run_tests asan

golden: ## rewrite the facts of tests/golden; read the difference before you commit it
	tools/run_tests asan
	ORBITON_BUILD=build-asan ORBITON_GOLDEN=write node --test tests/golden.test.mjs \
		tests/orbit_js.test.mjs tests/orbit_c.test.mjs tests/orbit_rust.test.mjs

sweep: asan ## let each system call fail once, one run of the program each (long)
	ORBITON_BIN=$(CURDIR)/build-asan/orbiton ORBITON_SWEEP=all node --test tests/e2e/sweep.test.mjs

random: asan ## random edits in a page that stays open: make random SEEDS=300, or SEED=18
	ORBITON_BIN=$(CURDIR)/build-asan/orbiton ORBITON_SEEDS=$(or $(SEEDS),300) ORBITON_SEED=$(SEED) node --test tests/random/edits.mjs

edits: asan ## forty edits of three components in one open page, in C and in JavaScript
	ORBITON_BIN=$(CURDIR)/build-asan/orbiton node --test tests/edits/three.mjs

starters: setup build tests/starters/node_modules/.package-lock.json ## the starters of create-vite, from npm, in a browser
	ORBITON_BIN=$(abspath $(BUILD))/orbiton node --test tests/starters/starters.test.mjs

# npm writes this file last.
tests/starters/node_modules/.package-lock.json: tests/starters/package-lock.json
	cd tests/starters && npm ci --no-audit --no-fund
	touch $@

FIREFOX       ?= /usr/bin/firefox-esr
FIREFOX_TESTS ?= plain two_minutes hot carried restart pages weak_spots inspector frameworks orbit_c orbit_js_edits orbit_rust

firefox: build ## the browser tests in a Firefox that is installed: make firefox FIREFOX=/usr/bin/firefox-esr
	ninja -C $(BUILD) tests/orbit_modules
	ORBITON_FIREFOX=$(FIREFOX) ORBITON_BUILD=$(BUILD) ORBITON_BIN=$(abspath $(BUILD))/orbiton node --test \
		tests/client/*_test.mjs $(FIREFOX_TESTS:%=tests/e2e/%.test.mjs)

fuzz: ## run one fuzz target until stopped: make fuzz T=http_parse
	tools/fuzz $(T)

bench: setup build ## measure against the peers, side by side
	tools/setup bench
	node bench/run.mjs
	node bench/edits.mjs
	node bench/app.mjs
	ninja -C $(BUILD) tests/orbit_modules
	ORBITON_BUILD=$(BUILD) node bench/components.mjs

bench-hot: setup build ## measure hot updates in a page of 1,000 modules
	tools/setup bench
	ninja -C build bench/limit
	node bench/hot.mjs

mutate: ## break F one token at a time, list what T does not notice: make mutate F=src/x.c T=x_test
	tools/mutate $(F) --build /tmp/orbiton-mutate --tests $(T) --sample $(or $(N),40)

format: ## clang-format all C sources
	git ls-files '*.c' '*.h' | xargs clang-format -i

headers: ## compile each header alone
	tools/check_headers

install: build ## install into DESTDIR/PREFIX
	install -D -m 755 $(BUILD)/orbiton $(DESTDIR)$(PREFIX)/bin/orbiton

clean: ## remove what was built
	rm -rf build build-asan build-fuzz
