"""Fills models.json with torchvision's networks: ../shared/tools/torch-env python3 test/golden/models.py"""
import hashlib
import json
import os
import re
import warnings

import torch
import torchvision

warnings.simplefilter("ignore")  # of initial weights that take their time
here = os.path.dirname(os.path.abspath(__file__))
NAMES = """vgg13_bn vgg16 vgg19_bn alexnet squeezenet1_0 squeezenet1_1 densenet121 densenet161 densenet169 densenet201 googlenet inception_v3
shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0 mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3 resnet18 resnet34
resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2 wide_resnet101_2""".split()
# Name, options, sides of the pictures. Dropout would draw in another order of memory.
RUNS = [
    ("vgg11", {"dropout": 0}, 64),
    ("alexnet", {"dropout": 0}, 64),
    ("squeezenet1_1", {"dropout": 0}, 64),
    ("densenet121", {}, 64),
    ("googlenet", {"dropout": 0, "dropout_aux": 0}, 64),
    ("googlenet", {"dropout": 0, "aux_logits": False, "transform_input": True, "init_weights": False}, 64),
    ("inception_v3", {"dropout": 0}, 299),
    ("shufflenet_v2_x0_5", {}, 64),
    ("mnasnet0_5", {"dropout": 0}, 64),
    ("resnet18", {}, 64),
    ("resnet50", {"zero_init_residual": True, "groups": 2, "width_per_group": 32}, 64),
    ("resnet50", {"replace_stride_with_dilation": [False, True, True]}, 64),
    ("resnext50_32x4d", {}, 64),
    ("wide_resnet50_2", {}, 64),
]

digest = lambda text: hashlib.sha256(text.encode()).hexdigest()
camel = lambda name: re.sub(r"_([a-z])", lambda m: m[1].upper(), name) if "x4d" not in name and "x8d" not in name else name

structure = []
for name in NAMES:
    with torch.device("meta"):
        model = getattr(torchvision.models, name)()
    keys = "\n".join(f"{key} {list(value.shape)}" for key, value in model.state_dict().items())
    structure.append({"name": camel(name), "text": digest(str(model)), "keys": digest(keys), "parameters": sum(p.numel() for p in model.parameters())})

runs = []
for name, options, side in RUNS:
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(num_classes=10, **options)
    with torch.no_grad():
        weights = sum(p.double().abs().sum().item() for p in model.parameters())
        x = torch.rand(2, 3, side, side)
        train = model(x)
        model.eval()
        y = model(x)
    rounded = lambda y: [[float(f"{v:.7g}") for v in row] for row in y.tolist()]
    train = [rounded(part) for part in (train if isinstance(train, tuple) else [train])]
    options = {camel(key): value for key, value in options.items()}
    runs.append({"name": camel(name), "options": options, "side": side, "weights": weights, "train": train, "eval": rounded(y)})
with open(os.path.join(here, "models.json"), "w") as f:
    json.dump({"structure": structure, "runs": runs}, f)
    f.write("\n")
