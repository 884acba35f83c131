# ditto: the classic results of deep learning, reproduced in C.
#
#   make setup experiments/lenet   on a fresh machine: one result
#   make setup test                on a fresh machine: all tests
#   make help                      everything else

ifeq ($(origin CC),default)
CC := gcc
endif
ARCH ?= native
BUILD ?= build
PRESET ?= lab
THREADS ?= 2
# The data set may also be named in ARGS.
DATASET ?= $(patsubst --dataset=%,%,$(filter --dataset=%,$(subst --dataset ,--dataset=,$(ARGS))))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes
# Fused multiply-adds are wanted; -ffast-math is not: it would break the guards against NaN.
OPTIMIZE ?= -O3 -march=$(ARCH) -ffp-contract=fast -fno-math-errno -fno-trapping-math
CPPFLAGS := -D_GNU_SOURCE -Ilib -I. -MMD -MP
CFLAGS := -std=c11 -g $(OPTIMIZE) $(WARNINGS) $(EXTRA)
# Criterion's macros convert between signed and unsigned.
TEST_CFLAGS = -std=c11 -g $(OPTIMIZE) $(filter-out -Wconversion -Wmissing-prototypes,$(WARNINGS)) $(EXTRA) -Wno-conversion -Itests -Itests/unit $(shell pkg-config --cflags openblas 2>/dev/null)
# Asked for at each link, not at the start: `make setup experiments/lenet` installs them in between.
PACKAGES := gsl jansson libcrypto libjpeg libpng zlib
LDLIBS = $(shell pkg-config --libs $(PACKAGES)) -lpthread -lm

EXPERIMENTS := $(notdir $(wildcard experiments/*))
SOURCES := $(wildcard lib/*/*.c lib/*/*/*.c models/*.c)
TESTS_f32 := $(wildcard tests/unit/*.c tests/golden/*.c)
TESTS_f64 := $(wildcard tests/grad/*.c)
SCRIPTS := $(wildcard tests/cli/*.sh)

.PHONY: all help setup test lint format bench bench-conv mutants sanitize valgrind clean
.DELETE_ON_ERROR:
all: $(EXPERIMENTS:%=$(BUILD)/experiments/%) $(patsubst %.c,$(BUILD)/%,$(wildcard plots/*.c))

help:
	@sed -n 's/^#: //p' Makefile

#: make setup                 installs what is missing (Debian, Ubuntu)
setup:
	@./setup.sh
# `make setup test` must not compile before the compiler is there, not even with -j.
ifneq ($(filter setup,$(MAKECMDGOALS)),)
FIRST := setup
endif

# The library and the models in two precisions: float is the product, double is what the gradient checks link.
$(BUILD)/f32/tests/%.o: CFLAGS = $(TEST_CFLAGS)
$(BUILD)/f64/tests/%.o: CFLAGS = $(TEST_CFLAGS)
$(BUILD)/f32/%.o: %.c | $(FIRST)
	@mkdir -p $(@D)
	@echo "CC  $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
$(BUILD)/f64/%.o: %.c | $(FIRST)
	@mkdir -p $(@D)
	@echo "CC  $< (double)"
	@$(CC) $(CPPFLAGS) -DDT_DOUBLE $(CFLAGS) -c $< -o $@
$(BUILD)/libditto_%.a:
	@rm -f $@ && ar rcs $@ $^
$(BUILD)/libditto_f32.a: $(SOURCES:%.c=$(BUILD)/f32/%.o)
$(BUILD)/libditto_f64.a: $(SOURCES:%.c=$(BUILD)/f64/%.o)

define LINK
	@mkdir -p $(@D)
	@echo "LD  $@"
	@$(CC) $(CFLAGS) $(filter %.o %.a,$^) $(1) $(LDLIBS) -o $@
endef

#: make experiments/NAME      builds, fetches the data, trains, reports, draws. PRESET=smoke|lab|paper SEEDS=n DATASET=NAME OUT=FOLDER ARGS='--lr 0.05'
define EXPERIMENT
.PHONY: experiments/$(1) plots/$(1) record/$(1)
$(BUILD)/experiments/$(1): $$(patsubst %.c,$(BUILD)/f32/%.o,$$(wildcard experiments/$(1)/*.c)) $(BUILD)/libditto_f32.a
	$$(call LINK)
experiments/$(1): $(BUILD)/experiments/$(1)
	@datasets/fetch $$(or $$(DATASET),$$(shell cat experiments/$(1)/dataset))
	@$$< --preset $(PRESET) --resume $$(if $$(DATASET),--dataset $$(DATASET)) $$(if $$(SEEDS),--seeds $$(SEEDS)) $$(if $$(OUT),--out $$(OUT)) $$(ARGS)
	@plots/draw $$(or $$(OUT),runs/$(1)$$(DATASET:%=-%)/$(PRESET))
#: make plots/NAME            draws the figures of a run again, or where there was none those of the kept record
plots/$(1):
	@[ -d runs/$(1)/$(PRESET) ] || { mkdir -p runs/$(1) && cp -r experiments/$(1)/record/$(PRESET) runs/$(1)/; }
	@plots/draw runs/$(1)/$(PRESET)
#: make record/NAME           keeps what is small of a finished run in experiments/NAME/record/
record/$(1):
	@plots/keep $(1) $(PRESET)
endef
$(foreach name,$(EXPERIMENTS),$(eval $(call EXPERIMENT,$(name))))

#: make experiments           all experiments, one after another, and all claims in one table. PRESET=smoke|lab|paper
.PHONY: experiments
experiments: all
	@for name in $(EXPERIMENTS); do $(MAKE) --no-print-directory experiments/$$name DATASET= OUT= ARGS= || exit; done
	@$(BUILD)/plots/scoreboard terminal $(EXPERIMENTS:%=runs/%/$(PRESET)/result.json)

#: make results               RESULTS.md and the table in README.md, from the kept records
$(BUILD)/plots/%: $(BUILD)/f32/plots/%.o $(BUILD)/libditto_f32.a
	$(call LINK)
.PHONY: results report plots/compare
results: $(BUILD)/plots/scoreboard
	@BUILD=$(BUILD) plots/results
#: make report                report/index.html, one page with all claims, figures and lab pages
report: $(BUILD)/plots/scoreboard
	@BUILD=$(BUILD) plots/report
#: make plots/compare         one measure of several runs in a figure. RUNS="runs/a runs/b" METRIC=test_error X=epoch|step|seconds OUT=FOLDER
plots/compare: $(BUILD)/plots/compare
	@BUILD=$(BUILD) plots/overlay '$(METRIC)' '$(or $(X),epoch)' '$(or $(OUT),runs/compare)' $(RUNS)

#: make datasets/NAME         fetches a data set
datasets/%:
	@datasets/fetch $*

#: make test                  all tests
$(BUILD)/tests/unit: $(TESTS_f32:%.c=$(BUILD)/f32/%.o) $(BUILD)/libditto_f32.a
	$(call LINK,-lcriterion $$(pkg-config --libs openblas))
$(BUILD)/tests/grad: $(TESTS_f64:%.c=$(BUILD)/f64/%.o) $(BUILD)/libditto_f64.a
	$(call LINK,-lcriterion)
test: $(BUILD)/tests/unit $(BUILD)/tests/grad all
	@BUILD=$(BUILD) tests/run.sh $(BUILD)/tests/unit $(BUILD)/tests/grad $(SCRIPTS)

#: make bench                 speed, one line a workload. THREADS=2 ONLY=prefix
$(BUILD)/tests/bench: $(patsubst %.c,$(BUILD)/f32/%.o,$(wildcard tests/bench/*.c)) $(BUILD)/libditto_f32.a
	$(call LINK)
bench: $(BUILD)/tests/bench all
	@$(BUILD)/tests/bench --threads $(THREADS) --only "$(ONLY)" --program $(BUILD)/experiments/lenet

#: make bench-conv            the convolution kernels' speed over shapes, as a table
$(BUILD)/tests/bench_conv: $(BUILD)/f32/tests/bench/kernels/conv.o $(BUILD)/libditto_f32.a
	$(call LINK)
bench-conv: $(BUILD)/tests/bench_conv
	@$<

#: make clean                 removes the build folder
clean:
	rm -rf $(BUILD)

include tests/quality.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
