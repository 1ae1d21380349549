"""Looks that each package named on standard input, the page's own and what is shipped beside them is in a CycloneDX file: check_names.py BOM"""
import json
import sys

PAGE = ["preact", "uplot"]
KINDS = ["library", "machine-learning-model", "framework", "container"]

with open(sys.argv[1], encoding="utf-8") as file:
    components = json.load(file)["components"]
versions = {component["name"]: component["version"] for component in components}
counts = {kind: sum(component["type"] == kind for component in components) for kind in KINDS}
missing = [name for name in sys.stdin.read().split() + PAGE if not versions.get(name)] + [kind for kind in KINDS if not counts[kind]]
if missing:
    sys.exit(f"not in {sys.argv[1]}: {', '.join(missing)}")
told = ", ".join(f"{count} of kind {kind}" for kind, count in counts.items())
print(f"{told}, among them RabbitMQ.Client {versions['RabbitMQ.Client']} and Npgsql {versions['Npgsql']}: {sys.argv[1]}")
