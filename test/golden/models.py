"""Fills models.json and families.json: ../shared/tools/torch-env python3 test/golden/models.py

What torchvision's networks give and learn in training, with options too; what each of them is and gives in evaluation is in variants.json.
"""
import json
import os
import warnings

import torch
import torchvision

from variants import our_name

warnings.simplefilter("ignore")  # of initial weights that take their time
here = os.path.dirname(os.path.abspath(__file__))
# Name, options, sides of the pictures. Dropout would draw in another order of memory.
RUNS = [
    ("densenet121", {}, 64),
    ("googlenet", {"dropout": 0, "dropout_aux": 0}, 64),
    ("googlenet", {"dropout": 0, "aux_logits": False, "transform_input": True, "init_weights": False}, 64),
    ("inception_v3", {"dropout": 0}, 299),
    ("shufflenet_v2_x0_5", {}, 64),
    ("mnasnet0_5", {"dropout": 0}, 64),
    ("resnet18", {}, 64),
    ("resnet50", {"zero_init_residual": True, "groups": 2, "width_per_group": 32}, 64),
    ("resnet50", {"replace_stride_with_dilation": [False, True, True]}, 64),
]

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
    options = {our_name(key): value for key, value in options.items()}
    runs.append({"name": our_name(name), "options": options, "side": side, "weights": weights, "train": train, "eval": rounded(y)})
with open(os.path.join(here, "models.json"), "w") as f:
    json.dump(runs, f)
    f.write("\n")

# families.json: families that have a test of their own. What of a family runs: the name, options in JavaScript and in Python, the picture's
# side. A new vision transformer gives zeros, and what a ConvNeXt's blocks add begins near 0, so that there the heads are drawn and the scale is 1.
FAMILY_RUNS = {
    "mobilenet": [("mobilenet_v2", "{ widthMult: 0.5 }", {"width_mult": 0.5}, 64), ("mobilenet_v3_small", "{}", {}, 64), ("mobilenet_v3_large", "{ widthMult: 0.35, reducedTail: true, dilated: true }", {"width_mult": 0.35, "reduced_tail": True, "dilated": True}, 64)],
    "efficientnet": [("efficientnet_b0", "{}", {}, 64), ("efficientnet_v2_s", "{}", {}, 64)],
    "convnext": [("convnext_tiny", "{ layerScale: 1 }", {"layer_scale": 1.0}, 64)],
    "regnet": [("regnet_y_400mf", "{}", {}, 64), ("regnet_x_400mf", "{}", {}, 64)],
    "visionTransformer": [("vit_b_32", "{ imageSize: 64, representationSize: 24, dropout: 0.1, attentionDropout: 0.2 }", {"image_size": 64, "representation_size": 24, "dropout": 0.1, "attention_dropout": 0.2}, 64)],
}


def run_of(family, name, js, options, side):
    """Logits in training and evaluation, and the gradient of the first weights in the latter, of the sum of (i + 1) logits[:, i]."""
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(num_classes=10, **options)
    if family == "visionTransformer":
        torch.nn.init.normal_(model.heads.head.weight)
    total = [sum(f(p.detach().double()).sum().item() for p in model.parameters()) for f in (lambda p: p, lambda p: p * p)]
    x = torch.rand(2, 3, side, side)
    train = model(x)
    model.eval()
    y = model(x)
    first = next(p for name, p in model.named_parameters() if p.dim() == 4)
    (y @ torch.arange(1, 11, dtype=y.dtype)).sum().backward()
    return {"name": our_name(name), "js": js, "side": side, "total": total, "train": train.tolist(), "eval": y.tolist(), "grad": first.grad.flatten()[:8].tolist()}


families = {family: [run_of(family, *run) for run in runs] for family, runs in FAMILY_RUNS.items()}
with open(os.path.join(here, "families.json"), "w") as f:
    json.dump(families, f)
    f.write("\n")
