#!/usr/bin/env python3
"""The rules that `inferometer rules` writes, as Prometheus' own promtool sees them: they pass its
checks and the cases of tests/data/rules, and each mistake that is planted in them fails a case."""

import pathlib
import re
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "rules"
RUNBOOK = "https://example.com/alerting.md"

# What is planted: a text of the rules, what takes its place, and the case that must see it.
MISTAKES = [
    ("> 0.72", "> 1.44", "by the hour's burn rate"),
    ("> 2.5", "> 0.5", "one failure among"),
    ("(last_over_time(slo:sli_error:ratio_rate30m{slo=\"rare\"}[6h]))",
     "(slo:sli_error:ratio_rate30m{slo=\"rare\"})", "between two attempts"),
    (">= 1", "> 1.44", "a total outage"),
    (" > 0),", "),", "gives no NaN"),
    ("{{ \\\"{{\\\" }}", "{{", "names with quotes"),
    ("1 - slo:period_burn_rate:ratio", "slo:period_burn_rate:ratio * 3", "the error budget"),
    ("absent(llm_probe_slo_events_total", "absent(llm_probe_attempts_total", "without events"),
]


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def write_rules(binary, *flags):
    done = run(binary, "rules", f"--config.file={DATA / 'slos.yml'}", f"--runbook-url={RUNBOOK}",
               *flags)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(folder, rules):
    """promtool's complaints about the rules; empty if there are none."""
    (folder / "rules.yml").write_text(rules)
    done = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", "rules.yml", cwd=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def try_cases(folder, rules, only=""):
    """Which cases fail with the rules, as promtool tells it; empty if none does. `only` is a part of
    the name of the one case to try."""
    (folder / "rules.yml").write_text(rules)
    head, *cases = re.split(r"(?m)^(?=  - name: )", (DATA / "slos_test.yml").read_text())
    tried = [case for case in cases if only in case.split("\n", 1)[0]]
    assert tried, f"there is no case of that name: {only}"
    (folder / "slos_test.yml").write_text(head + "".join(tried))
    done = run("promtool", "test", "rules", "slos_test.yml", cwd=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def spec_of(manifest):
    """The rule file within a manifest."""
    head, spec = manifest.split("\nspec:\n")
    assert "kind: PrometheusRule" in head, head
    return "\n".join(line.removeprefix("  ") for line in spec.split("\n"))


def main(binary):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rules = write_rules(binary)
        assert (complaints := check(folder, rules)) == "", complaints
        assert (failed := try_cases(folder, rules)) == "", failed
        manifest = write_rules(binary, "--format=manifest")
        assert spec_of(manifest).strip() == rules.split("\n", 1)[1].strip(), manifest
        for right, wrong, case in MISTAKES:
            assert right in rules, f"the rules have no {right}"
            failed = try_cases(folder, rules.replace(right, wrong), only=case)
            assert failed, f"the case of {case} does not see {wrong} for {right}"
            print(f"{case}: sees {wrong} for {right}")


if __name__ == "__main__":
    main(sys.argv[1])
