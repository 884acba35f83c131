# The quality gates, included by the Makefile. Each builds in a folder of its own below $(BUILD).

# Sanitizers and valgrind do not know every instruction of the newest processors.
PLAIN_ARCH := $(if $(filter x86_64,$(shell uname -m)),x86-64-v3,native)
C_FILES = $(wildcard $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h'))
CPPCHECK := cppcheck -q --std=c11 --language=c --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	--library=tests/lint/cppcheck.cfg --suppress=missingIncludeSystem -Ilib -I. -D_GNU_SOURCE -D__x86_64__ -D__AVX512F__ -D__AVX__
SINGLE_BLAS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
EVERYTHING = $(1)/tests/unit $(1)/tests/grad $(1)/tests/bench $(EXPERIMENTS:%=$(1)/experiments/%)

# need PROGRAM, PACKAGE: stops with the package's name where the program is missing
need = command -v $(1) >/dev/null || { echo "make $@: $(1) is missing: ./setup.sh lint installs it (Debian package $(2))" >&2; exit 1; }

#: make lint                  formatting, static analysis, both compilers with warnings as errors
.PHONY: lint lint-format lint-text lint-cppcheck lint-shell lint-gcc lint-clang
lint: lint-format lint-text lint-cppcheck lint-shell lint-gcc lint-clang
	@echo "lint: nothing to complain about"
lint-format:
	@$(call need,clang-format,clang-format)
	@clang-format --dry-run -Werror $(C_FILES) || { echo "lint: make format puts it right" >&2; exit 1; }
lint-text:
	@tests/lint/text.sh
lint-cppcheck:
	@$(call need,cppcheck,cppcheck)
	@$(CPPCHECK) lib models experiments
	@$(CPPCHECK) -DDT_DOUBLE lib/backend lib/ops lib/tape
lint-shell:
	@if command -v shellcheck >/dev/null; then \
		grep -lE '^#!.*[/ ](ba)?sh$$' $$(git ls-files --cached --others --exclude-standard) 2>/dev/null | xargs shellcheck -x; \
	else \
		echo "lint: shellcheck is missing (Debian package shellcheck); the scripts are not checked"; \
	fi
lint-gcc lint-clang: lint-%:
	@$(call need,$*,$*)
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/$@ CC=$* EXTRA=-Werror $(call EVERYTHING,$(BUILD)/$@) >$(BUILD)/$@.log 2>&1 || \
		{ grep -v '^\(CC\|LD\) ' $(BUILD)/$@.log; exit 1; }
lint-gcc lint-clang: | $(BUILD)
$(BUILD):
	@mkdir -p $@

#: make format                clang-format on every source file
.PHONY: format
format:
	@$(call need,clang-format,clang-format)
	@clang-format -i $(C_FILES)

#: make mutants               plants bugs in the library and expects the tests to see each. ONLY=pattern
.PHONY: mutants
$(BUILD)/mutants/grad.o: $(TESTS_f64:%.c=$(BUILD)/f64/%.o)
$(BUILD)/mutants/unit.o: $(TESTS_f32:%.c=$(BUILD)/f32/%.o)
$(BUILD)/mutants/%.o:
	@mkdir -p $(@D)
	@$(CC) -r -nostdlib $^ -o $@
mutants: $(BUILD)/tests/unit $(BUILD)/tests/grad $(BUILD)/mutants/unit.o $(BUILD)/mutants/grad.o
	@BUILD=$(BUILD) CC='$(CC)' LDLIBS='$(LDLIBS)' MUTANT_CFLAGS='-std=c11 -D_GNU_SOURCE -O1 -march=$(ARCH) -w' \
		tests/mutants/run.sh '$(ONLY)'

# watched FOLDER, FLAGS: builds the tests and programs with a sanitizer
watched = $(MAKE) --no-print-directory BUILD=$(1) ARCH=$(PLAIN_ARCH) OPTIMIZE='-O1 -march=$(PLAIN_ARCH) -fno-omit-frame-pointer' WARNINGS=-w \
	EXTRA='$(2)' $(1)/tests/unit $(1)/tests/grad $(EXPERIMENTS:%=$(1)/experiments/%)
# Criterion counts a leak as passing: what the sanitizers report goes to files, and any file is a failure.
no_reports = if ls $(1).* >/dev/null 2>&1; then cat $(1).*; echo "make $@: $$(ls $(1).* | wc -l) reports" >&2; exit 1; fi

#: make sanitize              all tests and a short training with the address, leak and undefined-behaviour sanitizers
.PHONY: sanitize
sanitize: DIR := $(BUILD)/sanitize
sanitize:
	@$(call watched,$(DIR),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all)
	@rm -f $(DIR)/report.*
	@export BUILD=$(DIR) UBSAN_OPTIONS=print_stacktrace=1:log_path=$(abspath $(DIR))/report \
		ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:log_path=$(abspath $(DIR))/report; \
	status=0; tests/run.sh $(DIR)/tests/unit $(DIR)/tests/grad tests/smoke.sh || status=1; \
	$(call no_reports,$(DIR)/report); exit $$status

# The tests that run on several threads.
THREADED := {threads,gemm,conv,bias,sum_rows,shards,trainer,batch,same_bits}*/*
#: make tsan                  the tests that use threads, and a short training, with the thread sanitizer
.PHONY: tsan
tsan: DIR := $(BUILD)/tsan
tsan:
	@$(call watched,$(DIR),-fsanitize=thread)
	@rm -f $(DIR)/report.*
	@export BUILD=$(DIR) $(SINGLE_BLAS) TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1:log_path=$(abspath $(DIR))/report; \
	status=0; setarch -R $(DIR)/tests/unit -j1 --timeout 300 --filter '$(THREADED)' || status=1; \
	setarch -R tests/smoke.sh || status=1; \
	$(call no_reports,$(DIR)/report); exit $$status

VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
	--trace-children=yes --log-file=$(DIR)/report.%p
#: make valgrind              the gradient checks and a short training under memcheck
.PHONY: valgrind
valgrind: DIR := $(BUILD)/valgrind
valgrind:
	@$(call need,valgrind,valgrind)
	@$(call watched,$(DIR),)
	@rm -f $(DIR)/report.*
	@export BUILD=$(DIR) $(SINGLE_BLAS); status=0; \
	$(VALGRIND) $(DIR)/tests/grad -j1 --timeout 600 || status=1; \
	MODEL=lenet5 tests/smoke.sh $(VALGRIND) || status=1; \
	find $(DIR) -maxdepth 1 -name 'report.*' -empty -delete; \
	$(call no_reports,$(DIR)/report); exit $$status

comma := ,
