"""Looks that each package named on standard input, and the page's own, is in a CycloneDX file: check_names.py BOM"""
import json
import sys

PAGE = ["preact", "uplot"]

with open(sys.argv[1], encoding="utf-8") as file:
    versions = {component["name"]: component["version"] for component in json.load(file)["components"]}
missing = [name for name in sys.stdin.read().split() + PAGE if not versions.get(name)]
if missing:
    sys.exit(f"not in {sys.argv[1]}: {', '.join(missing)}")
print(f"{len(versions)} packages, among them RabbitMQ.Client {versions['RabbitMQ.Client']} and Npgsql {versions['Npgsql']}: {sys.argv[1]}")
