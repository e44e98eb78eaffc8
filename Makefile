# Every target can be the first command in a fresh clone: `prepare` installs what is missing.

# On Windows (make from Git Bash or MSYS2) a virtual environment has another layout, and without
# this, make would have cmd.exe read recipes that are for sh.
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
SHELL := sh
else
BIN := .venv/bin
endif

.DEFAULT_GOAL := help
# Where the stand-alone program is built (BUILD keeps PyInstaller's own files).
DIST := dist
BUILD := build

# The program that the journeys drive: the source tree, or PROGRAM, a stand-alone one; how many at once.
PROGRAM :=
AT_ONCE := 3
# The main job by mouse, in eight journeys; and what of it the Reader does.
MAIN_JOB := (drawn_digit_is_read or trained_kept_and_shown[dense-100] or cell_of_the_matrix or \
	keras_opened[functional] or ten_digits_taught or (is_exported and Keras) or random_moment[0] or second_start)
READERS_JOB := (drawn_digit_is_read or picture_opened_by_its_name or keras_opened or \
	hostile_file_is_refused or menu_teaches or bundled_readers_results or second_start)
# How many damaged models `test-faults` opens.
MODELS := 10000
# The release of Debian on which `test-package-debian` installs the package.
SUITE := trixie

.PHONY: run test test-journeys test-faults test-browser lint bench bench-accuracy bench-drawings \
	bench-augmentation bench-code bench-layers bench-mislabelled bench-my-digits bench-networks \
	bench-pictures bench-results bench-runs bench-search bench-storage bench-trials package \
	package-folder package-reader test-package test-package-reader test-package-debian \
	bench-package prepare-windows package-windows package-reader-windows test-package-windows \
	test-package-reader-windows test-windows test-journeys-windows lock clean help prepare

run: prepare ## Open the window; without a display, play the demo into demo-output/
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" != Linux ]; then \
		exec $(BIN)/mnist-desktop; \
	fi; \
	echo "There is no display here, so the demo is played on a virtual screen instead; its pictures go to demo-output/."; \
	if command -v xvfb-run >/dev/null; then \
		QT_QPA_PLATFORM=xcb exec xvfb-run -a -s "-screen 0 1280x800x24" \
			$(BIN)/mnist-desktop demo --output demo-output; \
	else \
		QT_QPA_PLATFORM=offscreen exec $(BIN)/mnist-desktop demo --output demo-output; \
	fi

test: prepare ## Run the tests (full MNIST when MNIST_DESKTOP_DATA names it)
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --durations=30 $(TEST_OPTIONS)

test-journeys: ## Drive the program from outside as its users do (PROGRAM names a stand-alone one)
	@sh tools/prepare.sh journeys
	@MNIST_DESKTOP_PACKAGED=$(PROGRAM) $(BIN)/python -m pytest tests/journeys -n $(AT_ONCE) $(JOURNEY_OPTIONS)

test-browser: ## Test the exported web page in a real Chromium (CHROMIUM names another browser)
	@sh tools/prepare.sh browser
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/browser

lint: prepare ## Check style, types and the import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test-faults: prepare ## Kill the program, fail its writes, play on its window at random, show it broken runs, let it run long
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/faults -s
	@MNIST_DESKTOP_MUTATIONS=$(MODELS) QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/unit/foreign/test_mutated_models.py -n 2
	@sh tools/prepare.sh journeys
	@$(BIN)/python -m pytest tests/journeys/test_closing.py -n $(AT_ONCE)

bench: prepare ## Measure start-up and training beside what one would run otherwise
	$(BIN)/python tests/benchmarks/bench.py

bench-accuracy: prepare ## Measure every recipe's test accuracy on real MNIST (long)
	$(BIN)/python tests/benchmarks/accuracy.py

bench-augmentation: prepare ## Measure how far digits can be changed, and what that costs
	$(BIN)/python tests/benchmarks/augmentation.py

bench-drawings: prepare ## Measure how drawings are read; STROKES and CHARACTERS name files of pen strokes
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks/drawings.py $(STROKES) $(CHARACTERS)

bench-layers: prepare ## Measure what an edit costs in the layer editor
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks/layers.py

bench-mislabelled: prepare ## Count which disputed labels of MNIST's test split are found
	$(BIN)/python tests/benchmarks/mislabelled.py

bench-my-digits: prepare ## Measure what many kept drawings cost (COUNT=20000)
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks/my_digits.py $(COUNT)

bench-networks: prepare ## Open eighty networks as people write them; ONLY names some
	PYTHONPATH=. $(BIN)/python tests/benchmarks/networks.py $(ONLY)

bench-pictures: prepare ## Measure how pictures are read; STROKES names a file, PICTURES a folder
	PYTHONPATH=. $(BIN)/python tests/benchmarks/pictures.py $(STROKES) $(PICTURES)

bench-runs: prepare ## Measure the window with thousands of kept runs
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks/many_runs.py

bench-search: prepare ## Measure what a search of 5,000 trials costs on the screen
	PYTHONPATH=. QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks/search_page.py
	PYTHONPATH=. QT_QPA_PLATFORM=offscreen $(BIN)/python tests/benchmarks/search_window.py

bench-trials: prepare ## Count trials: two workers beside one, and a random search with Keras (long)
	$(BIN)/python tests/benchmarks/search_workers.py
	$(BIN)/python tests/benchmarks/random_search.py

bench-storage: prepare ## Measure what each storage costs a search (long); ONLY names some
	PYTHONPATH=. $(BIN)/python tests/benchmarks/search_storage.py $(ONLY)

bench-code: prepare ## Compare runs with the Keras scripts that are exported of them (long)
	$(BIN)/python tests/benchmarks/taken_home.py

bench-results: prepare ## Measure how fast many digits are read, shown and scrolled
	$(BIN)/python tests/benchmarks/results.py

package: package-folder ## Build the stand-alone program and, on Linux, its archives into dist/
	@[ "$$(uname)" != Linux ] || $(BIN)/python -m tools.package_linux pack $(DIST)/mnist-desktop
	@[ "$$(uname)" != Linux ] || $(BIN)/python -m tools.package_appimage $(DIST)/mnist-desktop
	@$(BIN)/python -m tools.release_files $(DIST)

package-folder: ## Build only the stand-alone program's folder, dist/mnist-desktop/
	@sh tools/prepare.sh package
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath $(DIST) --workpath $(BUILD) build.spec
	@[ "$$(uname)" != Linux ] || $(BIN)/python -m tools.package_linux finish $(DIST)/mnist-desktop

package-reader: ## Build MNIST Desktop Reader, which does not train, and its archives on Linux, into dist/
	@sh tools/prepare.sh package
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath $(DIST) --workpath $(BUILD)/reader build.spec -- --reader
	@[ "$$(uname)" != Linux ] || $(BIN)/python -m tools.package_linux finish $(DIST)/mnist-desktop-reader
	@[ "$$(uname)" != Linux ] || $(BIN)/python -m tools.package_linux pack $(DIST)/mnist-desktop-reader

test-package-reader: ## Test what `make package-reader` made, by mouse as well
	@MNIST_DESKTOP_READER=$(DIST)/mnist-desktop-reader \
		MNIST_DESKTOP_DEB=$$(ls $(DIST)/mnist-desktop_*.deb 2>/dev/null | tail -n 1) \
		MNIST_DESKTOP_READER_DEB=$$(ls $(DIST)/mnist-desktop-reader_*.deb 2>/dev/null | tail -n 1) \
		$(BIN)/python -m pytest tests/packaged/test_reader.py tests/packaged/test_both_editions.py
	@$(MAKE) test-journeys PROGRAM=$(DIST)/mnist-desktop-reader JOURNEY_OPTIONS='$(JOURNEY_OPTIONS) -k "$(READERS_JOB)"'

test-package: ## Test what `make package` made; as root, the .deb is installed and removed
	@MNIST_DESKTOP_PACKAGED=$(DIST)/mnist-desktop \
		MNIST_DESKTOP_DEB=$$(ls $(DIST)/mnist-desktop_*.deb 2>/dev/null | tail -n 1) \
		MNIST_DESKTOP_APPIMAGE=$$(ls $(DIST)/mnist-desktop-*.AppImage 2>/dev/null | tail -n 1) \
		$(BIN)/python -m pytest tests/packaged

package-windows: prepare-windows ## On Debian: build the program for Windows with Wine, and its archive and installer
	@$(BIN)/python tools/windows/package.py build --distpath $(DIST)/windows --workpath $(BUILD)/windows
	@$(BIN)/python tools/windows/package.py pack $(DIST)/windows/mnist-desktop

package-reader-windows: prepare-windows ## The same for MNIST Desktop Reader
	@$(BIN)/python tools/windows/package.py build --distpath $(DIST)/windows --workpath $(BUILD)/windows-reader -- --reader
	@$(BIN)/python tools/windows/package.py pack $(DIST)/windows/mnist-desktop-reader

test-package-windows: ## Test under Wine what `make package-windows` made, and do its main job by mouse
	@MNIST_DESKTOP_PACKAGED=$(DIST)/windows/mnist-desktop $(BIN)/python -m pytest tests/windows $(TEST_OPTIONS)
	@$(MAKE) test-journeys-windows PROGRAM=$(DIST)/windows/mnist-desktop JOURNEY_OPTIONS='-k "$(MAIN_JOB)"'

test-package-reader-windows: ## Test under Wine what `make package-reader-windows` made
	@MNIST_DESKTOP_PACKAGED=$(DIST)/windows/mnist-desktop-reader $(BIN)/python -m pytest tests/windows $(TEST_OPTIONS)
	@$(MAKE) test-journeys-windows PROGRAM=$(DIST)/windows/mnist-desktop-reader JOURNEY_OPTIONS='-k "$(READERS_JOB)"'

prepare-windows: prepare ## Make a Windows Python and a Wine prefix, to build and test for Windows on Debian
	@sh tools/prepare.sh windows
	@$(BIN)/python tools/windows/prepare.py

test-package-debian: ## Install the .deb on a bare Debian of another release and play the demo there (root)
	@sh tools/prepare.sh debian
	@MNIST_DESKTOP_SUITE=$(SUITE) \
		MNIST_DESKTOP_DEB=$$(ls $(DIST)/mnist-desktop_*.deb 2>/dev/null | tail -n 1) \
		MNIST_DESKTOP_APPIMAGE=$$(ls $(DIST)/mnist-desktop-*.AppImage 2>/dev/null | tail -n 1) \
		$(BIN)/python -m pytest tests/packaged/test_other_debian.py

test-windows: prepare-windows ## Run the tests with a Windows Python under Wine (docs/WINDOWS_TESTS.md)
	@$(BIN)/python tools/windows/suite.py $(TEST_OPTIONS)

test-journeys-windows: prepare-windows ## The journeys with the Windows program under Wine; PROGRAM as above
	@MNIST_DESKTOP_UNDER_WINE=1 MNIST_DESKTOP_PACKAGED=$(PROGRAM) \
		$(BIN)/python -m pytest tests/journeys $(JOURNEY_OPTIONS)

bench-package: ## Measure the stand-alone program beside the source tree
	PYTHONPATH=tests/packaged $(BIN)/python tests/benchmarks/frozen.py $(DIST)/mnist-desktop/mnist-desktop

lock: ## Rewrite requirements.lock (needs uv; LOCK=--upgrade takes newer releases)
	uv pip compile --no-config --universal --python-version 3.11 --generate-hashes --extra dev \
		--no-emit-index-url --no-emit-find-links --no-annotate \
		--custom-compile-command "make lock" $(LOCK) \
		pyproject.toml tools/lock.in --output-file requirements.lock >/dev/null

clean: ## Remove what was built and cached; .venv stays
	rm -rf build dist demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find mnist_desktop tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Tell what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1  /p' Makefile | while read -r name what; do \
		printf '  make %-16s %s\n' "$$name" "$$what"; \
	done

prepare:
	@sh tools/prepare.sh
