#!/usr/bin/env python3
"""The stock alerts of deploy/prometheus/alerts.yml, as Prometheus' own promtool sees them: they pass
its checks and the cases of tests/data/rules; each alert has a case in which it fires and one in which
it does not, and each mistake that is planted in it fails one of them; what they refer to is in the
documents."""

import pathlib
import re
import tempfile

from promtool import check, name_of, split_cases, try_cases

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
CASES = [ROOT / "tests" / "data" / "rules" / f"alerts{part}_test.yml" for part in ("", "_week")]

FIRES, SILENT = "fires:", "does not fire:"

# What is planted: the alert, a text of its rules, what takes its place, and which of its cases must
# see it.
MISTAKES = [
    ("TargetDown", "> 2.5", "> 20", FIRES),
    ("TargetDown", "[3h]) == 0", "[3h]) == 1", FIRES),
    ("TargetDown", "> 2.5", "> 1.5", SILENT),
    ("TargetDown", '{reason!="internal_error"}', "", SILENT),
    ("TargetDown", 'increase(llm_probe_suspect_total{outcome!="success"}',
     "0 * increase(llm_probe_suspect_total", SILENT),
    ("TargetDown", "llm_probe_success == 0", "llm_probe_success >= 0", SILENT),
    ("FailureRatioHigh", "> 0.25", "> 0.6", FIRES),
    ("FailureRatioHigh", "> 0.25", "> 0.15", SILENT),
    ("FailureRatioHigh", "> 4.5", "> 2.5", SILENT),
    ("FailureRatioHigh", "[15m])) > 0", "[15m])) >= 0", SILENT),
    ("FailuresByReason", "> 0.05", "> 0.2", FIRES),
    ("FailuresByReason", "> 0.05", "> 0.03", SILENT),
    ("FailuresByReason", "> 4.5", "> 2.5", SILENT),
    ("FailuresByReason", "|quota_exhausted", "", SILENT),
    ("FailuresByReason", '"$1"', '"$0-"', SILENT),
    ("QuotaExhausted", "> 2.5", "> 3.5", FIRES),
    ("QuotaExhausted", "> 2.5", "> 1.5", SILENT),
    ("RateLimitLow", "< 0.1", "< 0.01", FIRES),
    ("RateLimitLow", "< 0.1", "< 0.2", SILENT),
    ("RateLimitLow", "[1h]) > 2.5", "[1h]) >= 0", SILENT),
    ("RateLimitLow", "for: 15m", "for: 5m", SILENT),
    ("ProviderHeld", "> 15", "> 25", FIRES),
    ("ProviderHeld", "sum_over_time", "60 * avg_over_time", SILENT),
    ("Stalls", "> 0.2", "> 0.6", FIRES),
    ("Stalls", "> 0.2", "> 0.05", SILENT),
    ("Stalls", "> 4.5", "> 2.5", SILENT),
    ("CertificateExpiry", "< 2 * 86400", "< 86400 / 2", FIRES),
    ("CertificateExpiry", "< 7 * 86400", "< 4 * 86400", FIRES),
    ("CertificateExpiry", "< 7 * 86400", "< 14 * 86400", SILENT),
    ("CertificateExpiry", "without (model, workload)", "without (workload)", FIRES),
    ("TTFTRegression", "> 1.5", "> 3", FIRES),
    ("TTFTRegression", "> 1.5", "> 1.3", SILENT),
    ("TTFTRegression", "> 0.05", "> 0.01", SILENT),
    ("TTFTRegression", "> 9.5", "> 0", SILENT),
    ("TTFTRegression", "for: 75m", "for: 30m", SILENT),
    ("TTFTRegression", "(instance, pod)", "(pod)", FIRES),
    ("TTFTRegression", "offset 167h", "offset 1h", FIRES),
    ("ServerUnreadable", "== 0", "== 1", FIRES),
    ("ServerUnreadable", "for: 10m", "for: 5m", SILENT),
    ("ServerKVCacheFull", "> 0.95", "> 0.98", FIRES),
    ("ServerKVCacheFull", "> 0.95", "> 0.9", SILENT),
    ("ServerQueueGrowing", "> 4", "> 40", FIRES),
    ("ServerQueueGrowing", "> 1.5 *", "> 3 *", FIRES),
    ("ServerQueueGrowing", "> 4", "> 3", SILENT),
    ("ServerQueueGrowing", "min_over_time", "avg_over_time", SILENT),
    ("Down", "[7d]", "[5m]", FIRES),
    ("Down", "and on (job, instance) last_over_time(inferometer_build_info[7d])", "", SILENT),
    ("Absent", "for: 10m", "for: 20m", FIRES),
    ("Absent", "absent(", "count(", SILENT),
    ("ConfigReloadFailed", "== 0", "== 1", FIRES),
    ("ConfigReloadFailed", "== 0", ">= 0", SILENT),
    ("WebConfigReloadFailed", "== 0", "== 1", FIRES),
    ("WebConfigReloadFailed", "== 0", ">= 0", SILENT),
    ("WebCertificateExpiry", "< 3 * 86400", "< 86400", FIRES),
    ("WebCertificateExpiry", "< 3 * 86400", "< 5 * 86400", SILENT),
    ("ShardMissing", "< max", "> max", FIRES),
    ("ShardMissing", "< max", "<= max", SILENT),
    ("ShardMismatch", "(inferometer_shards) !=", "(inferometer_shards) < 0 *", FIRES),
    ("ShardMismatch", "(inferometer_config_hash) !=", "(inferometer_config_hash) < 0 *", FIRES),
    ("ShardMismatch", "> count by", "< count by", FIRES),
    ("ShardMismatch", "(inferometer_shards) > 1", "(inferometer_shards) > 0", SILENT),
    ("ShardMismatch", "for: 15m", "for: 5m", SILENT),
    ("InternalErrors", "> 2.5", "> 3.5", FIRES),
    ("InternalErrors", "> 2.5", "> 1.5", SILENT),
    ("SuspectMeasurements", "> 0.1", "> 0.3", FIRES),
    ("SuspectMeasurements", "> 0.1", "> 0.04", SILENT),
    ("SuspectMeasurements", "> 4.5", "> 2.5", SILENT),
    ("ScheduleLate", "> 0.1", "> 0.3", FIRES),
    ("ScheduleLate", "> 0.1", "> 0.04", SILENT),
    ("ScheduleLate", "for: 20m", "for: 5m", SILENT),
    ("EventLoopLag", "> 0.02", "> 0.06", FIRES),
    ("EventLoopLag", "> 0.02", "> 0.005", SILENT),
    ("TicksSkippedLate", "> 4.5", "> 7", FIRES),
    ("TicksSkippedLate", "> 4.5", "> 3.5", SILENT),
    ("TicksSkippedLate", '{reason="late"}', "", SILENT),
    ("LogLinesDropped", "> 0", "> 10", FIRES),
    ("LogLinesDropped", "> 0", ">= 0", SILENT),
]


def split(text, line):
    """What stands before the first such line, and each part that begins with one."""
    head, *parts = re.split(rf"(?m)^(?={line})", text)
    return head, parts


def group_of(rules, alert):
    """A rule file with the alert's group alone: promtool evaluates all that it is given."""
    head, groups = split(rules, "  - name: ")
    return head + next(group for group in groups if f"- alert: {alert}\n" in group)


def plant(group, alert, right, wrong):
    """The mistake in the rules of the alert, and in the recording rules of its group."""
    head, parts = split(group, "      - (?:alert|record): ")
    own = re.compile(rf"      - (alert: {alert}|record: .*)\n")
    changed = [part.replace(right, wrong) if own.match(part) else part for part in parts]
    assert changed != parts, f"{alert} has no {right}"
    return head + "".join(changed)


def check_documents(rules):
    """Each alert says how bad it is, what is wrong, and where its section is; each metric exists."""
    text = (ROOT / "docs" / "alerting.md").read_text()
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
               for title in re.findall(r"(?m)^#+ (.*)$", text)}
    for part in split(rules, "      - (?:alert|record): ")[1]:
        if not (found := re.match(r"      - alert: (\w+)\n", part)):
            continue
        severity = re.search(r"\n          severity: (page|ticket)\n", part)[1]
        for annotation in ("summary", "description"):
            line = rf"\n          {annotation}: \"[^\n]+\"\n"
            assert re.search(line, part), f"{found[1]} has no {annotation}"
        anchor = re.search(r"\n          runbook_url: docs/alerting\.md#(\S+)\n", part)[1]
        assert anchor in anchors, f"docs/alerting.md has no section {anchor}"
        row = rf"(?m)^\| `{found[1]}` \| {severity} \|"
        assert re.search(row, text), f"docs/alerting.md has no row of {found[1]}"
    documented = set(re.findall(r"(?m)^\| `(\w+)` \|", (ROOT / "docs" / "metrics.md").read_text()))
    used = set(re.findall(r"\b(?:llm_probe|llm_server|inferometer)_\w+", rules + text))
    unknown = {name for name in used if not {name, re.sub("_(sum|count)$", "", name)} & documented}
    assert used and not unknown, f"docs/metrics.md has no {unknown}"


def main():
    rules = RULES.read_text()
    check_documents(rules)
    alerts = set(re.findall(r"(?m)^      - alert: (\w+)$", rules))
    files = {name_of(case): file for file in CASES for case in split_cases(file.read_text())[1]}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        assert (complaints := check(folder, rules)) == "", complaints
        assert (failed := try_cases(folder, rules, CASES[0])) == "", failed
        week = group_of(rules, "InferometerTTFTRegression")
        assert (failed := try_cases(folder, week, CASES[1])) == "", failed
        for alert in alerts:
            for kind in (FIRES, SILENT):
                case = f"{alert} {kind}"
                assert any(each.startswith(case) for each in files), f"there is no case: {case}"
        assert {f"Inferometer{alert}" for alert, *_ in MISTAKES} == alerts
        for short, right, wrong, kind in MISTAKES:
            alert = f"Inferometer{short}"
            case = f"{alert} {kind}"
            file = next(file for each, file in files.items() if each.startswith(case))
            planted = plant(group_of(rules, alert), alert, right, wrong)
            failed = try_cases(folder, planted, file, only=case)
            assert "FAILED" in failed, f"{case} does not see {wrong} for {right}: {failed}"
            # A rule that cannot be read fails all cases, and shows nothing.
            assert "exp:" in failed, f"{case}: {wrong} for {right} is no rule: {failed}"
            print(f"{case} sees {wrong!r} for {right!r}")


if __name__ == "__main__":
    main()
