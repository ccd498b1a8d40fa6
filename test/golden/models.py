"""Fills models.json with torchvision's networks: ../shared/tools/torch-env python3 test/golden/models.py"""
import hashlib
import json
import os

import torch
import torchvision

here = os.path.dirname(os.path.abspath(__file__))
NAMES = {"vgg13Bn": "vgg13_bn", "vgg16": "vgg16", "vgg19Bn": "vgg19_bn", "resnet18": "resnet18", "resnet34": "resnet34", "resnet50": "resnet50", "resnet101": "resnet101", "resnet152": "resnet152"}
RUN = {"vgg11": {"num_classes": 10}, "resnet18": {"num_classes": 10}, "resnet50": {"num_classes": 10, "zero_init_residual": True, "groups": 2, "width_per_group": 32}}

digest = lambda text: hashlib.sha256(text.encode()).hexdigest()
structure = []
for ours, theirs in NAMES.items():
    with torch.device("meta"):
        model = getattr(torchvision.models, theirs)()
    keys = "\n".join(f"{key} {list(value.shape)}" for key, value in model.state_dict().items())
    structure.append({"name": ours, "text": digest(str(model)), "keys": digest(keys), "parameters": sum(p.numel() for p in model.parameters())})

runs = []
for name, options in RUN.items():
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(**options)
    x = torch.rand(2, 3, 64, 64)
    train = model(x)[:, :10] if name != "vgg11" else None  # dropout draws in another order of memory
    model.eval()
    with torch.no_grad():
        y = model(x)
    runs.append({"name": name, "train": train.detach().tolist() if train is not None else None, "eval": y.tolist()})
with open(os.path.join(here, "models.json"), "w") as f:
    json.dump({"structure": structure, "runs": runs}, f)
    f.write("\n")
