"""Rule files as Prometheus' own promtool sees them."""

import re
import subprocess


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def check(folder, rules):
    """promtool's complaints about the rules; empty if there are none."""
    (folder / "rules.yml").write_text(rules)
    done = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", "rules.yml", cwd=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def split_cases(tests):
    """What stands before the cases of a file of tests, and the cases."""
    head, *cases = re.split(r"(?m)^(?=  - name: )", tests)
    return head, cases


def name_of(case):
    return case.split("\n", 1)[0].removeprefix("  - name: ").strip("'\"")


def try_cases(folder, rules, tests, only=""):
    """Which cases of the file `tests` fail with the rules, as promtool tells it; empty if none does.
    `only` is a part of the names of those to try: promtool evaluates all rules for every case."""
    (folder / "rules.yml").write_text(rules)
    head, cases = split_cases(tests.read_text())
    tried = [case for case in cases if only in name_of(case)]
    assert tried, f"there is no case of that name: {only}"
    (folder / "tests.yml").write_text(head + "".join(tried))
    done = run("promtool", "test", "rules", "tests.yml", cwd=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr
