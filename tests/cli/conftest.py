"""What the tests of the command share."""

import pytest

from comity.cli.main import main


@pytest.fixture
def run(capsys):
    """Run the command in this process; return (exit code, stdout, stderr)."""

    def call(*words):
        with pytest.raises(SystemExit) as done:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return done.value.code, out, err

    return call
