"""The command line: what there is, what a wrong word gets, and that looking costs little."""

import subprocess
import sys

import pytest

from chiasma.cli import main as command_line


def chiasma(*words):
    code = "import sys; from chiasma.cli.main import main; main(sys.argv[1:])"
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=120)


def test_the_overview_lists_each_command_with_a_sentence(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main([])
    assert caught.value.code == 0
    lines = {
        line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")
    }
    assert sorted(lines) == command_line.command_names()
    assert all(lines.values())


def test_the_overview_imports_no_command():
    code = "import sys; sys.argv = ['chiasma', '--help']\nfrom chiasma.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print('torch' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_a_misspelt_command_gets_the_nearest_one(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(["pretrian"])
    assert caught.value.code == 2
    assert "did you mean 'pretrain'?" in capsys.readouterr().err


def test_hyphens_and_underscores_are_one(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(["draw-scores", "--help"])
    assert caught.value.code == 0
    assert "--scores" in capsys.readouterr().out


def test_a_users_error_is_one_message_without_traceback():
    done = chiasma("check", "--config", "nowhere.yaml")
    assert done.returncode == 1
    assert done.stderr.startswith("chiasma check: error: nowhere.yaml")
    assert "Traceback" not in done.stderr
