#!/usr/bin/env python3
"""The rules that `inferometer rules` writes, as Prometheus' own promtool sees them: they pass its
checks and the cases of tests/data/rules, and each mistake that is planted in them fails a case."""

import pathlib
import sys
import tempfile

from promtool import check, run, try_cases

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "rules"
CASES = DATA / "slos_test.yml"
RUNBOOK = "https://example.com/alerting.md"

# What is planted: a text of the rules, what takes its place, and the case that must see it.
MISTAKES = [
    ("> 0.72", "> 1.44", "by the hour's burn rate"),
    ("> 2.9", "> 0.5", "one failure among"),
    ("(last_over_time(slo:sli_error:ratio_rate30m{slo=\"rare\"}[90m]))",
     "(slo:sli_error:ratio_rate30m{slo=\"rare\"})", "between two attempts"),
    (">= 1", "> 1.44", "a total outage"),
    (" > 0),", "),", "gives no NaN"),
    ("{{ \\\"{{\\\" }}", "{{", "names with quotes"),
    ("1 - slo:period_burn_rate:ratio", "slo:period_burn_rate:ratio * 3", "the error budget"),
    ("> sum by (provider", "> 0 * sum by (provider", "cannot be judged"),
    ("[15m]", "[3d]", "no longer configured"),
    ("absent(llm_probe_slo_events_total", "absent(llm_probe_attempts_total", "without events"),
]


def write_rules(binary, *flags):
    done = run(binary, "rules", f"--config.file={DATA / 'slos.yml'}", f"--runbook-url={RUNBOOK}",
               *flags)
    assert done.returncode == 0, done.stderr
    return done.stdout


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
        assert (failed := try_cases(folder, rules, CASES)) == "", failed
        manifest = write_rules(binary, "--format=manifest")
        assert spec_of(manifest).strip() == rules.split("\n", 1)[1].strip(), manifest
        for right, wrong, case in MISTAKES:
            assert right in rules, f"the rules have no {right}"
            failed = try_cases(folder, rules.replace(right, wrong), CASES, only=case)
            assert failed, f"the case of {case} does not see {wrong} for {right}"
            print(f"{case}: sees {wrong} for {right}")


if __name__ == "__main__":
    main(sys.argv[1])
