# bangway. `make help` lists what can be made; the lines "program: objects"
# below show the architecture.

PREFIX     ?= /usr/local
DESTDIR    ?=
SYSCONFDIR ?= /etc/bangway
STATEDIR   ?= /var/spool/bangway
CC         ?= cc
PKG_CONFIG ?= pkg-config
VERSION    := 0.1

# SANITIZE=address,undefined and COVERAGE=1 build beside the plain build.
SANITIZE   ?=
COVERAGE   ?=
WERROR     ?=
BUILD      ?= build$(if $(SANITIZE),-sanitize)$(if $(COVERAGE),-coverage)

CSTD       := -std=c11 -D_GNU_SOURCE
WARN       := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
              -Wmissing-prototypes -Wpointer-arith -Wwrite-strings $(if $(WERROR),-Werror)
HARDEN     := $(if $(SANITIZE)$(COVERAGE),,-fstack-protector-strong -D_FORTIFY_SOURCE=2)
OPTIMIZE   ?= $(if $(SANITIZE)$(COVERAGE),-O1,-O2)
SANFLAGS   := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
              $(if $(COVERAGE),--coverage)
DEFINES     = -DBANGWAY_VERSION='"$(VERSION)"' -DBANGWAY_CONFIG_PATH='"$(SYSCONFDIR)/bangway.conf"' \
              -DBANGWAY_STATE_DIR='"$(STATEDIR)"'
ALL_CFLAGS  = $(CSTD) $(OPTIMIZE) -g $(HARDEN) $(SANFLAGS) $(WARN) -I. $(DEFINES) $(CFLAGS)
ALL_LDFLAGS = $(SANFLAGS) $(if $(SANITIZE)$(COVERAGE),,-Wl,-z,relro,-z,now) $(LDFLAGS)
# The doors for uuxqt are one static file each: no library can be missing when a job runs.
STATIC      = $(if $(SANITIZE)$(COVERAGE),,-static)

pc = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

# The parts, lowest first; an include points only to the left (tests/unit/includes.sh).
PARTS := spool base addr map route message net smtp uucp intake link schedule operator
folder = $(if $(filter spool,$(1)),spool,bridge/$(1))
ar     = $(BUILD)/$(1).a
objs   = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(call folder,$(1))/*.c))

PROGRAMS := rmail rsmtp bangway bangwayd
BINARIES := $(addprefix $(BUILD)/,$(PROGRAMS)) $(BUILD)/sink

all: $(BINARIES)

define part
$(call ar,$(1)): $(call objs,$(1))
	@rm -f $$@
	$(if $(call objs,$(1)),ar rcs $$@ $$^,ar rcs $$@)
endef
$(foreach p,$(PARTS),$(eval $(call part,$(p))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

comma   := ,
archives = $(foreach p,$(1),$(call ar,$(p)))
link     = $(CC) $(ALL_LDFLAGS) $(2) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(1)

LIBS_SPOOL  := $(call pc,lmdb) $(call pc,uuid) $(call pc,libxxhash)
LIBS_ROUTE  := $(call pc,libsodium)
LIBS_CONFIG := $(call pc,libconfig)
LIBS_DOOR   := $(LIBS_ROUTE) $(LIBS_CONFIG) $(LIBS_SPOOL) -lpthread
LIBS_UNPACK := -larchive -llzma -lzstd -lbz2 -lz
LIBS_ALL    := $(call pc,libuv) $(call pc,openssl) $(call pc,libunbound) $(call pc,libgsasl) \
               $(call pc,jansson) $(LIBS_DOOR)

DOOR := intake message route addr base spool
$(BUILD)/rmail: $(BUILD)/bridge/rmail.o $(call archives,$(DOOR))
	$(call link,$(LIBS_DOOR),$(STATIC))
$(BUILD)/rsmtp: $(BUILD)/bridge/rsmtp.o $(call archives,$(DOOR))
	$(call link,$(LIBS_UNPACK) $(LIBS_DOOR),$(STATIC))
$(BUILD)/bangway: $(BUILD)/bridge/bangway.o $(call archives,operator link message route map addr base spool)
	$(call link,$(call pc,jansson) $(LIBS_DOOR))
$(BUILD)/bangwayd: $(BUILD)/bridge/bangwayd.o $(call archives,operator schedule link smtp net message route map addr base spool)
	$(call link,$(LIBS_ALL))
$(BUILD)/sink: $(BUILD)/contrib/sink/sink.o
	$(call link,)

$(BUILD)/timing: $(BUILD)/tests/bench/timing.o
	$(call link,)
$(BUILD)/noop: $(BUILD)/tests/bench/noop.o
	$(call link,,$(STATIC))
$(BUILD)/addresses: $(BUILD)/tests/bench/addresses.o $(call archives,message route addr base spool)
	$(call link,$(LIBS_DOOR))

# Tests. Every tests/unit/*.c is one program that speaks TAP; the scripts of the
# other folders do too. `make test` runs all of them, on the plain build and on
# one with sanitizers, in one prove; a script that says "plain-build-only:" with
# its reason is run on the plain build alone.
UNIT    := $(patsubst %.c,$(BUILD)/%.t,$(wildcard tests/unit/*.c))
SCRIPTS := $(wildcard tests/unit/*.sh tests/dialog/*.sh tests/crash/*.sh tests/system/*.sh)
TOOLS   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c)) $(addprefix $(BUILD)/tests/,wrap/rmail wrap/rsmtp)
RUNS     = $(UNIT) $(patsubst %.sh,$(BUILD)/%.sh,$(if $(SANITIZE),$(shell grep -L plain-build-only: $(SCRIPTS)),$(SCRIPTS)))

$(BUILD)/tests/unit/%.t: $(BUILD)/tests/unit/%.o $(call archives,$(PARTS))
	$(call link,-lcmocka $(LIBS_UNPACK) $(LIBS_ALL))
$(BUILD)/tests/tools/%: $(BUILD)/tests/tools/%.o $(call archives,$(PARTS))
	$(call link,$(LIBS_UNPACK) $(LIBS_ALL))
# The doors with a parser that a letter can kill.
$(BUILD)/tests/wrap/%: $(BUILD)/bridge/%.o $(BUILD)/tests/wrap/header_parse.o $(call archives,$(DOOR))
	$(call link,$(LIBS_UNPACK) $(LIBS_DOOR),-Wl$(comma)--wrap=header_parse)
$(BUILD)/tests/crash/spool_%: $(BUILD)/tests/crash/spool_%.o $(BUILD)/tests/crash/scenario.o $(call archives,spool)
	$(call link,$(LIBS_SPOOL) -lpthread)
$(BUILD)/%.sh: %.sh
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nBUILD=%s exec bash %s\n' $(BUILD) $< >$@ && chmod +x $@

# What the tests run against, from Debian's packages; the servers that conflict
# with one another are unpacked beside the build by tests/lib/peers.sh.
TEST_PACKAGES := uucp swaks jq strace openssl unbound mandoc python3 libcmocka-dev iproute2 procps graphviz \
                 libicu72 libnsl2 libsasl2-2 libdb5.3 libgnutls-dane0 libidn12 xz-utils zstd bzip2 ncompress
test-deps: deps
	@missing=$$(dpkg-query -W -f '$${db:Status-Abbrev} $${Package}\n' $(TEST_PACKAGES) 2>/dev/null | \
	    awk '$$1 == "ii" {have[$$2]=1} END {n=split("$(TEST_PACKAGES)", want, " "); \
	    for (i=1; i<=n; i++) if (!(want[i] in have)) print want[i]}'); \
	if [ -n "$$missing" ]; then echo "installing for the tests:" $$missing; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; fi

# Compiles all that is there, links nothing.
objects: $(foreach p,$(PARTS),$(call objs,$(p))) $(patsubst %.c,$(BUILD)/%.o,$(wildcard bridge/*.c tests/unit/*.c))

UNIT_RUNS = $(filter $(UNIT) $(BUILD)/tests/unit/%,$(RUNS))
unit: $(UNIT_RUNS)
	CMOCKA_MESSAGE_OUTPUT=TAP prove -j2 $(UNIT_RUNS)

CRASH    = $(patsubst %.sh,%,$(filter $(BUILD)/tests/crash/%,$(RUNS)))
check-built: all $(UNIT) $(TOOLS) $(CRASH) $(RUNS)
check: check-built
	CMOCKA_MESSAGE_OUTPUT=TAP prove --timer -j2 $(RUNS)

test: test-deps
	$(MAKE) -j2 WERROR=1 check-built
	$(MAKE) -j2 WERROR=1 SANITIZE=address,undefined check-built
	CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
	prove --timer -j2 $$($(MAKE) -s print-runs) $$($(MAKE) -s SANITIZE=address,undefined print-runs)

# Figures, beside Postfix and Exim in the same run; written to tests/bench/RESULTS.md.
bench: test-deps
	$(MAKE) -j2 all $(TOOLS) $(addprefix $(BUILD)/,timing noop addresses)
	BUILD=$(BUILD) bash tests/bench/bench.sh

# The readers under libFuzzer and sanitizers: addresses and routes FUZZ_RUNS times each, the others
# FUZZ_S seconds (tests/fuzz/run.sh); what is found stays in build-fuzz.
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(call archives,intake smtp message route map addr base spool)
	$(call link,$(LIBS_DOOR) $(call pc,libgsasl),-fsanitize=fuzzer)
fuzz:
	$(MAKE) CC=clang BUILD=build-fuzz SANITIZE=fuzzer-no-link,address,undefined run-fuzzers
run-fuzzers: $(FUZZERS)
	sh tests/fuzz/run.sh $^

print-runs:
	@echo $(RUNS)

demo: deps
	@echo "building, half a minute the first time"
	@$(MAKE) -s all
	@BUILD=$(BUILD) bash contrib/demo/demo.sh

# The libraries that are missing, by apt-get, dnf, apk or pkg.
deps:
	@CC="$(CC)" PKG_CONFIG="$(PKG_CONFIG)" sh contrib/install/deps.sh

# DESTDIR for packages. UUCPLINKS=DIR links the doors into a directory of uuxqt's command path too.
PLACES = BUILD=$(BUILD) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) SYSCONFDIR=$(SYSCONFDIR) \
         STATEDIR=$(STATEDIR) UUCPLINKS=$(UUCPLINKS)
install: $(addprefix $(BUILD)/,$(PROGRAMS))
	@$(PLACES) sh contrib/install/install.sh install
uninstall:
	@$(PLACES) sh contrib/install/install.sh uninstall

clean:
	rm -rf build build-sanitize build-coverage build-fuzz

help:
	@echo "make            build everything into $(BUILD)/"
	@echo "make demo       install what is missing, build, and watch mail cross"
	@echo "make deps       install the libraries that are missing (as root, if any is)"
	@echo "make install    into PREFIX ($(PREFIX)), or under DESTDIR for a package;"
	@echo "                UUCPLINKS=DIR: links in uuxqt's command path too"
	@echo "make uninstall  take it away; the configuration and the queue stay"
	@echo "make unit       build and run the unit tests"
	@echo "make check      build and run every test on this build"
	@echo "make bench      figures, beside Postfix and Exim, into tests/bench/RESULTS.md"
	@echo "make fuzz       readers, routes and rendering under libFuzzer (clang)"
	@echo "make test       install what the tests need, run every test, sanitizers too"
	@echo "make clean      remove what was built"

.PHONY: all objects unit check check-built test test-deps bench fuzz run-fuzzers print-runs demo \
        deps install uninstall clean help
.SECONDARY:
-include $(shell find $(BUILD) -name peers -prune -o -type f -name '*.d' -print 2>/dev/null)
