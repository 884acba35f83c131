# The quality gates, included by the Makefile. Each builds in a folder of its own below $(BUILD).

# Sanitizers and valgrind do not know every instruction of the newest processors.
PLAIN_ARCH := $(if $(filter x86_64,$(shell uname -m)),x86-64-v3,native)
# Those that are committed or will be.
FILES = git ls-files --cached --others --exclude-standard
C_FILES = $(wildcard $(shell $(FILES) '*.c' '*.h'))
SH_FILES = $(shell grep -lE '^$(hash)!.*[/ ](ba)?sh$$' $(wildcard $(shell $(FILES))))
PROGRAMS := $(EXPERIMENTS:%=experiments/%)
hash := \#
comma := ,

# $(call need,PROGRAM,PACKAGE): stops with the package's name where the program is missing
need = command -v $(1) >/dev/null || { echo "make $@: $(1) is missing; ./setup.sh lint installs it (Debian package $(2))" >&2; exit 1; }

#: make lint                  formatting, static analysis, both compilers with warnings as errors
LINT := format text cppcheck shell gcc clang
.PHONY: lint $(LINT:%=lint-%)
lint: $(LINT:%=lint-%)
	@echo "lint: nothing to complain about"
lint-format:
	@$(call need,clang-format,clang-format)
	@wrong=$$(clang-format --dry-run -Werror $(C_FILES) 2>&1 | sed -n 's/^\([^:]*\):[0-9].*/\1/p' | sort -u); \
	if [ -n "$$wrong" ]; then printf '%s: not as clang-format writes it\n' $$wrong; echo "lint: make format puts it right" >&2; exit 1; fi
lint-text:
	@tests/lint/text.sh
# DT_REQUIRE ends in dt_misuse, which does not return: cppcheck takes that from abort only.
CPPCHECK = cppcheck -q --std=c11 --language=c --enable=warning,performance,portability --error-exitcode=1 \
	--suppressions-list=tests/lint/cppcheck.txt -Ilib -I. -D_GNU_SOURCE '-Ddt_misuse(...)=abort()'
lint-cppcheck:
	@$(call need,cppcheck,cppcheck)
	@$(CPPCHECK) -D__x86_64__ -D__AVX__ -D__AVX512F__ lib models experiments
	@$(CPPCHECK) -DDT_DOUBLE -D__aarch64__ lib models experiments
lint-shell:
	@if command -v shellcheck >/dev/null; then \
		shellcheck -x -S warning $(SH_FILES); \
	else \
		echo "lint: the scripts are not checked: shellcheck is missing (Debian package shellcheck)"; \
	fi
# Everything in both precisions; the log is shown only if something is wrong. Unlike gcc, clang warns the same without optimizing.
lint-clang: COMPILER = CC=clang OPTIMIZE="-O0 -march=$(ARCH)"
lint-gcc: COMPILER = CC=gcc
lint-gcc lint-clang: lint-%:
	@$(call need,$*,$*)
	@mkdir -p $(BUILD)
	@$(MAKE) --no-print-directory -j$(shell nproc) BUILD=$(BUILD)/$@ $(COMPILER) EXTRA=-Werror \
		$(addprefix $(BUILD)/$@/,tests/unit tests/grad tests/bench tests/threads $(PROGRAMS)) >$(BUILD)/$@.log 2>&1 || \
		{ grep -v '^\(CC\|LD\) ' $(BUILD)/$@.log; exit 1; }

#: make format                clang-format on every source file
.PHONY: format
format:
	@$(call need,clang-format,clang-format)
	@clang-format -i $(C_FILES)

#: make mutants               plants bugs in the library and expects the tests to see each one. ONLY=pattern
.PHONY: mutants
$(BUILD)/mutants/grad.o: $(TESTS_f64:%.c=$(BUILD)/f64/%.o)
$(BUILD)/mutants/unit.o: $(TESTS_f32:%.c=$(BUILD)/f32/%.o)
$(BUILD)/mutants/%.o:
	@mkdir -p $(@D)
	@$(CC) -r -nostdlib $^ -o $@
mutants: $(BUILD)/tests/unit $(BUILD)/tests/grad $(BUILD)/mutants/unit.o $(BUILD)/mutants/grad.o $(BUILD)/experiments/lenet
	@BUILD=$(BUILD) CC='$(CC)' LDLIBS='$(LDLIBS) $(shell pkg-config --libs openblas)' \
		MUTANT_CFLAGS='-std=c11 -D_GNU_SOURCE $(OPTIMIZE) -w' tests/mutants/run.sh '$(ONLY)'

# $(call watched,FLAGS,TARGETS): builds these in $(DIR) for running under a watching eye
watched = $(MAKE) --no-print-directory -j$(shell nproc) BUILD=$(DIR) OPTIMIZE='-O1 -march=$(PLAIN_ARCH) -fno-omit-frame-pointer' WARNINGS=-w \
	EXTRA='$(1)' $(addprefix $(DIR)/,$(2) $(PROGRAMS)) && rm -f $(DIR)/report.* && export BUILD=$(DIR) OPENBLAS_NUM_THREADS=1
# Criterion takes a test that leaks for one that passes, and hides what it writes: the reports go to files, each of which is a failure.
REPORTS = log_path=$(abspath $(DIR))/report
judge = find $(DIR) -maxdepth 1 -name 'report.*' -empty -delete; \
	if ls $(DIR)/report.* >/dev/null 2>&1; then cat $(DIR)/report.*; echo "make $@: see the reports above" >&2; status=1; fi; exit $$status

#: make sanitize              all tests and a short training with the sanitizers for addresses, leaks and undefined behaviour
.PHONY: sanitize
sanitize: DIR := $(BUILD)/sanitize
sanitize:
	@$(call watched,-fsanitize=address$(comma)undefined -fno-sanitize-recover=all,tests/unit tests/grad); \
	export UBSAN_OPTIONS=print_stacktrace=1:$(REPORTS) \
		ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:$(REPORTS); \
	status=0; tests/run.sh $(DIR)/tests/unit $(DIR)/tests/grad tests/smoke.sh || status=1; $(judge)

#: make tsan                  loops, training steps and a short training on several threads with the sanitizer for races
$(BUILD)/tests/threads: $(BUILD)/f32/tests/stress/threads.o $(BUILD)/libditto_f32.a
	$(call LINK)
.PHONY: tsan
tsan: DIR := $(BUILD)/tsan
tsan:
	@$(call watched,-fsanitize=thread,tests/threads); export TSAN_OPTIONS=second_deadlock_stack=1:$(REPORTS); \
	status=0; $(DIR)/tests/threads || status=1; tests/smoke.sh || status=1; $(judge)

#: make valgrind              the gradient checks and a short training under valgrind, which also sees memory that was never written
MEMCHECK = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
	--trace-children=yes --log-file=$(DIR)/report.%p
.PHONY: valgrind
valgrind: DIR := $(BUILD)/valgrind
valgrind:
	@$(call need,valgrind,valgrind)
	@$(call watched,,tests/grad); \
	status=0; $(MEMCHECK) $(DIR)/tests/grad --timeout 600 || status=1; \
	MODEL=lenet5 tests/smoke.sh $(MEMCHECK) || status=1; $(judge)
