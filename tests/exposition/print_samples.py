"""Prints the samples of a page (standard input) as Prometheus' own Python client reads them.

Usage: print_samples.py text|openmetrics

One line for each sample: series, value and exemplar, with tabs between them. Fails if the client
refuses the page: its reader of OpenMetrics is strict.
"""

import importlib
import json
import sys

MODULES = {
    "text": "prometheus_client.parser",
    "openmetrics": "prometheus_client.openmetrics.parser",
}


def braced(labels):
    if not labels:
        return ""
    pairs = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(labels.items()))
    return "{" + ",".join(pairs) + "}"


def main():
    parser = importlib.import_module(MODULES[sys.argv[1]])
    page = sys.stdin.buffer.read().decode("utf-8")
    for family in parser.text_string_to_metric_families(page):
        for name, labels, value, _, exemplar in family.samples:
            text = ""
            if exemplar:
                text = f"{braced(exemplar.labels)} {exemplar.value!r} {float(exemplar.timestamp)!r}"
            print(name + braced(labels), repr(value), text, sep="\t")


main()
