"""Makes lib/vision/models/weights from torchvision 0.21: ../shared/tools/torch-env python3 scripts/weights.py, then npm run format

A family that is new here needs its name and torchvision's modules of it below.
"""
import importlib
import json
import os
import re

import torchvision
from torchvision.models import get_model_weights, list_models

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib/vision/models/weights")
FAMILIES = {
    "alexnet": ["alexnet"],
    "convnext": ["convnext"],
    "densenet": ["densenet"],
    "efficientnet": ["efficientnet"],
    "googlenet": ["googlenet"],
    "inception": ["inception"],
    "mnasnet": ["mnasnet"],
    "mobilenet": ["mobilenetv2", "mobilenetv3"],
    "regnet": ["regnet"],
    "resnet": ["resnet"],
    "shufflenetv2": ["shufflenetv2"],
    "squeezenet": ["squeezenet"],
    "vgg": ["vgg"],
    "vision-transformer": ["vision_transformer"],
}
SERVER = "https://download.pytorch.org/models/"
TRAINING = "https://github.com/pytorch/vision/tree/main/references/classification"
REPOSITORY = "https://github.com/pytorch/vision/"

camel = lambda name: re.sub(r"_(?!\d)|(?<!\d)_", "", name)
quote = lambda text: "'" + text + "'"


def number(value):
    """A float as JavaScript writes it."""
    return json.dumps(value).removesuffix(".0")


def transforms(preset):
    """What of the preset's options is not everybody's, in JavaScript; '' for none."""
    assert preset.func.__name__ == "ImageClassification" and not preset.args
    options = {"crop_size": 224, **preset.keywords}
    parts = [f"cropSize: {options.pop('crop_size')}"]
    if options.pop("resize_size", 256) != 256:
        parts.append(f"resizeSize: {preset.keywords['resize_size']}")
    for key in ("mean", "std"):
        if key in options:
            parts.append(f"{key}: [{', '.join(map(number, options.pop(key)))}]")
    mode = options.pop("interpolation", None)
    if mode is not None and mode.value != "bilinear":
        parts.append(f"interpolation: {quote(mode.value)}")
    assert not options, options
    return "" if parts == ["cropSize: 224"] else f", {{ {', '.join(parts)} }}"


def recipe(meta):
    """Where the training is described, without what most have in front."""
    text = meta.get("recipe")
    if text is None:
        return "null"
    return quote(text.removeprefix(TRAINING) if text.startswith(TRAINING) else text.removeprefix(REPOSITORY))


def row(weights):
    meta = weights.meta
    assert weights.url.startswith(SERVER) and weights.url.endswith(".pth")
    assert list(meta["_metrics"]) == ["ImageNet-1K"] and list(meta["_metrics"]["ImageNet-1K"]) == ["acc@1", "acc@5"]
    assert meta["min_size"][0] == meta["min_size"][1]
    # enum.ts knows which weights have a licence of their own.
    assert meta.get("license") == ("https://github.com/facebookresearch/SWAG/blob/main/LICENSE" if "SWAG" in weights.name else None)
    numbers = [meta["num_params"], meta["min_size"][0], *meta["_metrics"]["ImageNet-1K"].values(), meta["_ops"], meta["_file_size"]]
    file = weights.url.removeprefix(SERVER).removesuffix(".pth")
    return f"[{quote(file)}, {', '.join(map(number, numbers))}, {recipe(meta)}{transforms(weights.transforms)}]"


def table(model):
    enum = get_model_weights(model)
    rows = [f"  {weights.name}: {row(weights)}," for weights in enum]
    for weights in enum:
        categories = weights.meta["categories"]
        assert (categories is None) == (weights.name == "IMAGENET1K_FEATURES")
        assert categories in (None, names), weights
    body = "\n".join(rows)
    return f"""/** The published weights of `{function(model)}`. (`torchvision.models.{enum.__name__}`) */
// biome-ignore format: rows
export const {camel(enum.__name__)} = weightsEnum('{enum.__name__}', '{enum.DEFAULT.name}', {{
{body}
}});
"""


def function(model):
    return re.sub(r"(?<!\d)_(?=\d)|_([a-z])", lambda m: (m[1] or "").upper(), model)


def order(model):
    """Numbers in names by their size."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", model)]


names = get_model_weights("alexnet").DEFAULT.meta["categories"]
exports = []
for family, modules in FAMILIES.items():
    models = [name for name in list_models(module=torchvision.models) if torchvision.models.get_model_builder(name).__module__.split(".")[-1] in modules]
    tables = [table(model) for model in sorted(models, key=order)]
    with open(os.path.join(folder, f"{family}.ts"), "w") as file:
        file.write("// Made by scripts/weights.py; columns: see Row in enum.ts.\nimport { weightsEnum } from './enum.js';\n\n" + "\n".join(tables))
    exports.append(f"export * from './{family}.js';\n")
with open(os.path.join(folder, "index.ts"), "w") as file:
    file.write("// Made by scripts/weights.py: the published weights of all networks.\n" + "".join(exports))
with open(os.path.join(folder, "imagenet.json"), "w") as file:
    json.dump(names, file, indent=2, ensure_ascii=False)
    file.write("\n")
