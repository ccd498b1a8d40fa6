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

# families.json: families that have a test of their own.
# The structure of every network of a family, by our name and torchvision's.
FAMILIES = {
    "mobilenet": {"mobilenetV2": "mobilenet_v2", "mobilenetV3Small": "mobilenet_v3_small", "mobilenetV3Large": "mobilenet_v3_large"},
    "efficientnet": {
        **{f"efficientnetB{i}": f"efficientnet_b{i}" for i in range(8)},
        **{f"efficientnetV2{size}": f"efficientnet_v2_{size.lower()}" for size in "SML"},
    },
    "convnext": {f"convnext{size.title()}": f"convnext_{size}" for size in ("tiny", "small", "base", "large")},
    "regnet": {
        f"regnet{kind.upper()}{size}": f"regnet_{kind}_{size}"
        for kind, sizes in (("y", ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf", "128gf")), ("x", ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")))
        for size in sizes
    },
    "visionTransformer": {f"vit{size}": f"vit_{size[0].lower()}_{size[1:]}" for size in ("B16", "B32", "L16", "L32", "H14")},
}
# What of a family runs: our name, options in JavaScript and in Python, the picture's side. A new vision transformer gives zeros, and
# what a ConvNeXt's blocks add begins near 0, so that there the heads are drawn and the scale is 1.
FAMILY_RUNS = {
    "mobilenet": [("mobilenetV2", "{ widthMult: 0.5 }", {"width_mult": 0.5}, 64), ("mobilenetV3Small", "{}", {}, 64), ("mobilenetV3Large", "{ widthMult: 0.35, reducedTail: true, dilated: true }", {"width_mult": 0.35, "reduced_tail": True, "dilated": True}, 64)],
    "efficientnet": [("efficientnetB0", "{}", {}, 64), ("efficientnetV2S", "{}", {}, 64)],
    "convnext": [("convnextTiny", "{ layerScale: 1 }", {"layer_scale": 1.0}, 64)],
    "regnet": [("regnetY400mf", "{}", {}, 64), ("regnetX400mf", "{}", {}, 64)],
    "visionTransformer": [("vitB32", "{ imageSize: 64, representationSize: 24, dropout: 0.1, attentionDropout: 0.2 }", {"image_size": 64, "representation_size": 24, "dropout": 0.1, "attention_dropout": 0.2}, 64)],
}


block_params = torchvision.models.regnet.BlockParams.from_init_params


def real_block_params(**options):
    """The widths of a RegNet are computed by tensors, which must hold numbers."""
    with torch.device("cpu"):
        return block_params(**options)


torchvision.models.regnet.BlockParams.from_init_params = real_block_params


def structure_of(ours, theirs):
    with torch.device("meta"):
        model = getattr(torchvision.models, theirs)()
    keys = "\n".join(f"{key} {list(value.shape)}" for key, value in model.state_dict().items())
    return {"name": ours, "text": digest(str(model)), "keys": digest(keys), "parameters": sum(p.numel() for p in model.parameters())}


def run_of(family, ours, js, options, side):
    """Logits in training and evaluation, and the gradient of the first weights in the latter, of the sum of (i + 1) logits[:, i]."""
    torch.manual_seed(0)
    model = getattr(torchvision.models, FAMILIES[family][ours])(num_classes=10, **options)
    if family == "visionTransformer":
        torch.nn.init.normal_(model.heads.head.weight)
    total = [sum(f(p.detach().double()).sum().item() for p in model.parameters()) for f in (lambda p: p, lambda p: p * p)]
    x = torch.rand(2, 3, side, side)
    train = model(x)
    model.eval()
    y = model(x)
    first = next(p for name, p in model.named_parameters() if p.dim() == 4)
    (y @ torch.arange(1, 11, dtype=y.dtype)).sum().backward()
    return {"name": ours, "js": js, "side": side, "total": total, "train": train.tolist(), "eval": y.tolist(), "grad": first.grad.flatten()[:8].tolist()}


families = {
    family: {"structure": [structure_of(*names) for names in FAMILIES[family].items()], "runs": [run_of(family, *run) for run in FAMILY_RUNS[family]]}
    for family in FAMILIES
}
with open(os.path.join(here, "families.json"), "w") as f:
    json.dump(families, f)
    f.write("\n")
