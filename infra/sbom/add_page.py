"""Adds the npm packages that are bundled into the page to a CycloneDX file: add_page.py BOM PACKAGE-LOCK"""
import base64
import json
import sys


def component(path, package):
    name = path.removeprefix("node_modules/")
    reference = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
    algorithm, digest = package["integrity"].split("-", 1)
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": package["version"],
        "scope": "required",
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}],
        "licenses": [{"license": {"id": package["license"]}}],
        "purl": reference,
    }


def main(bom_file, lock_file):
    with open(bom_file, encoding="utf-8-sig") as file:
        bom = json.load(file)
    with open(lock_file, encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    # What only builds the page is marked so; the entry without a path is the page itself.
    shipped = [component(path, package) for path, package in packages.items() if path and not package.get("dev")]
    bom["components"] += shipped
    root = bom["metadata"]["component"]["bom-ref"]
    for entry in bom["dependencies"]:
        if entry["ref"] == root:
            entry["dependsOn"] = entry.get("dependsOn", []) + [added["bom-ref"] for added in shipped]
    with open(bom_file, "w", encoding="utf-8") as file:
        json.dump(bom, file, indent=2)


main(*sys.argv[1:])
