"""Adds to a CycloneDX file what is shipped or asked for beside packages: the bundled models, the .NET runtime, the base images, and the
package that the GPU flavour has in the place of another: add_platform.py BOM (in the root of the checkout)"""
import hashlib
import json
import re
import sys
from pathlib import Path


def models(version):
    """Every model file in infra/models, which goes into the image as it is."""
    for path in sorted(Path("infra/models").rglob("*.onnx")):
        yield {
            "type": "machine-learning-model",
            "bom-ref": path.as_posix(),
            "name": path.as_posix(),
            "version": version,
            "description": "Trained by the project's own scripts; its card says on what, and under which licences.",
            "scope": "required",
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        }


def runtimes():
    """The program brings no runtime: any patch of this release is taken from the machine or the base image."""
    release = re.search(r"<TargetFramework>net([\d.]+)<", Path("Directory.Build.props").read_text()).group(1)
    for name in ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App"):
        yield {
            "type": "framework",
            "bom-ref": f"framework:{name}",
            "name": name,
            "version": release,
            "description": f"Taken from where the program runs, in the latest patch of {release} that is there.",
            "scope": "required",
        }


def images():
    """By tags, as the Dockerfile names them; a build takes what a tag then stands for. Those that only build are not in the image."""
    text = Path("infra/docker/Dockerfile").read_text()
    scopes = {image: "excluded" for image in re.findall(r"^ARG (?:SDK|NODE)_IMAGE=(\S+)", text, re.M)}
    scopes |= {image: "required" for image in re.findall(r"^ARG RUNTIME_IMAGE=(\S+)", text, re.M)}
    scopes |= {image: "optional" for image in re.findall(r"--build-arg RUNTIME_IMAGE=(\S+)", text)}
    for image, scope in scopes.items():
        name, tag = image.rsplit(":", 1)
        yield {"type": "container", "bom-ref": f"image:{image}", "name": name, "version": tag, "scope": scope}


def gpu_package():
    """Stands in the image built with GPU=true only, in the place of Microsoft.ML.OnnxRuntime."""
    version = re.search(r"<OnnxRuntimeVersion>(.+?)<", Path("Directory.Packages.props").read_text()).group(1)
    reference = f"pkg:nuget/Microsoft.ML.OnnxRuntime.Gpu@{version}"
    yield {
        "type": "library", "bom-ref": reference, "name": "Microsoft.ML.OnnxRuntime.Gpu", "version": version, "scope": "optional",
        "description": "In the GPU flavour only, in the place of Microsoft.ML.OnnxRuntime.", "purl": reference,
    }


def main(bom_file):
    bom = json.loads(Path(bom_file).read_text(encoding="utf-8"))
    program = bom["metadata"]["component"]
    added = [*models(program["version"]), *runtimes(), *images(), *gpu_package()]
    bom["components"] += added
    for entry in bom["dependencies"]:
        if entry["ref"] == program["bom-ref"]:
            entry["dependsOn"] = entry.get("dependsOn", []) + [one["bom-ref"] for one in added if one["scope"] == "required"]
    Path(bom_file).write_text(json.dumps(bom, indent=2), encoding="utf-8")


main(*sys.argv[1:])
