"""Fills weights.json with what torchvision says of its published weights: ../shared/tools/torch-env python3 test/golden/weights.py

Every fact of an entry is a line; a network's entries make one digest.
"""
import hashlib
import json
import os

import torchvision
from torchvision.models import get_model_weights, list_models

here = os.path.dirname(os.path.abspath(__file__))


def facts(weights):
    meta = weights.meta
    preset = weights.transforms()
    metrics = meta["_metrics"]["ImageNet-1K"]
    return [
        str(weights),
        weights.url,
        meta["num_params"],
        list(meta["min_size"]),
        meta["categories"] and hashlib.sha256("\n".join(meta["categories"]).encode()).hexdigest(),
        meta.get("recipe"),
        meta.get("license"),
        metrics["acc@1"],
        metrics["acc@5"],
        meta["_ops"],
        meta["_file_size"],
        *preset.crop_size,
        *preset.resize_size,
        preset.mean,
        preset.std,
        preset.interpolation.value,
        preset.antialias,
    ]


def text(value):
    """As JSON.stringify writes it: no number has a fraction of zero, and NaN is null."""
    if isinstance(value, list):
        return f"[{','.join(map(text, value))}]"
    if isinstance(value, float):
        return "null" if value != value else json.dumps(value).removesuffix(".0")
    return json.dumps(value)


networks = {}
for name in list_models(module=torchvision.models):
    enum = get_model_weights(name)
    lines = "\n".join(text(fact) for weights in enum for fact in facts(weights))
    networks[name] = {"enum": enum.__name__, "names": [weights.name for weights in enum], "default": enum.DEFAULT.name, "facts": hashlib.sha256(lines.encode()).hexdigest()}
with open(os.path.join(here, "weights.json"), "w") as file:
    json.dump(networks, file, indent=1)
    file.write("\n")
