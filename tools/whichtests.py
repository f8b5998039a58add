"""A pytest plugin for the mutation run: which test runs which line, and then only the tests chosen.

``pytest -p whichtests --record FILE`` runs the tests and writes what each of them ran; ``pytest -p
whichtests --chosen FILE`` runs those that the file lists, in its order, and ends when one of them
takes many times the seconds that stand beside it. Either way properties are
tried without a deadline and a failure is not made smaller: that there is one is all that is asked.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from coverage import Coverage
from hypothesis import Phase

STARTING = 10.0  # seconds of computing that a run, or a test, may take in any case
SLOWER = 5.0  # times as long as without a mutant; after that it will never end

hypothesis.settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("mutants")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what is asked for."""
    parser.addoption("--record", metavar="FILE", help="write which test runs which line")
    parser.addoption("--chosen", metavar="FILE", help="run the tests that the file lists")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run, or keep to what was chosen."""
    if (file := config.getoption("--record")) is not None:
        config.pluginmanager.register(_Record(Path(file)))
    if (file := config.getoption("--chosen")) is not None:
        config.pluginmanager.register(_Chosen(Path(file)))


class _Chosen:
    def __init__(self, file: Path) -> None:
        self.seconds: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
        self.order = {name: i for i, name in enumerate(self.seconds)}
        _ = signal.setitimer(signal.ITIMER_PROF, STARTING)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out. What a mutant has unnamed is missing, and nobody notices."""
        kept = [item for item in items if item.nodeid in self.order]
        items[:] = sorted(kept, key=lambda item: self.order[item.nodeid])

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Let the system end the run if a test computes far longer than without a mutant."""
        longest = STARTING + SLOWER * self.seconds[item.nodeid]
        _ = signal.setitimer(signal.ITIMER_PROF, longest)


class _Record:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.coverage = Coverage(
            data_file=None, config_file=False, source=["comity"], context="import"
        )
        self.coverage.start()
        self._import_all()

    def _import_all(self) -> None:
        """What runs at import is nobody's, and not that of the test that imports it first."""
        core = importlib.import_module("comity")
        for module in pkgutil.walk_packages(core.__path__, "comity."):
            if not module.name.endswith("__main__"):
                _ = importlib.import_module(module.name)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[None]:
        """What a file of tests runs when it is read is run for all of its tests."""
        if isinstance(collector, pytest.Module):
            self.coverage.switch_context(collector.nodeid)
        report = yield
        if isinstance(collector, pytest.Module):
            self.coverage.switch_context("")
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note what runs from now on as run by this test."""
        self.coverage.switch_context(item.nodeid)
        done = yield
        self.coverage.switch_context("")
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how long it took."""
        took = self.seconds.get(report.nodeid, 0.0) + report.duration
        self.seconds[report.nodeid] = took
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write it all down."""
        self.coverage.stop()
        data = self.coverage.get_data()
        numbers: dict[str, int] = {}

        def numbered(contexts: list[str]) -> list[int]:
            names = sorted({c.removeprefix("import|") for c in contexts} - {"import", ""})
            return [numbers.setdefault(name, len(numbers)) for name in names]

        lines = {
            Path(file).as_posix().rpartition("/src/comity/")[2]: {
                line: numbered(contexts)
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        said = {"seconds": self.seconds, "failed": self.failed}
        text = json.dumps({**said, "names": list(numbers), "lines": lines})
        _ = self.file.write_text(text, encoding="utf-8")
