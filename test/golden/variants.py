"""Fills variants.json with every network of torchvision that is here: ../shared/tools/torch-env python3 test/golden/variants.py

Its text, keys and number of parameters, and what it gives with the weights of seed 0 for one random picture, its head without bias: eight logits and the
norm of all.
Needs 5 GB of memory and some minutes.
"""
import hashlib
import json
import os
import re
import warnings

import torch
import torchvision

warnings.simplefilter("ignore")  # of initial weights that take their time
here = os.path.dirname(os.path.abspath(__file__))
digest = lambda text: hashlib.sha256(text.encode()).hexdigest()


def our_name(theirs):
    """camelCase, where underscores between digits stay."""
    return re.sub(r"(?<=[A-Za-z])_(?=\d)", "", re.sub(r"_([a-z])", lambda m: m[1].upper(), theirs))


def variant(theirs):
    family = theirs.split("_")[0]
    row = {"name": our_name(theirs), "theirs": theirs}
    torch.manual_seed(0)
    make = getattr(torchvision.models, theirs)
    if family == "convnext":  # what its blocks add begins near 0
        row["options"] = {"layerScale": 1}
        model = make(layer_scale=1.0)
    else:
        model = make()
    if family == "vit":  # its head begins with zeros
        row["draws"] = "heads.head.weight"
        torch.nn.init.normal_(model.heads.head.weight)
    list(model.parameters())[-1].data.zero_()  # the head's bias, beside which little shows of what the layers make
    row["side"] = 224 if family == "vit" else 75 if family == "inception" else 64
    with torch.no_grad():
        logits = model.eval()(torch.rand(1, 3, row["side"], row["side"]))[0]
    row["text"] = digest(str(model))
    row["keys"] = digest("\n".join(f"{key} {list(value.shape)}" for key, value in model.state_dict().items()))
    row["parameters"] = sum(p.numel() for p in model.parameters())
    row["logits"] = [float(f"{v:.8g}") for v in logits[:: 142].tolist()]
    row["norm"] = float(f"{logits.double().norm().item():.8g}")
    return row


if __name__ == "__main__":
    names = [name for name in torchvision.models.list_models(module=torchvision.models) if not name.startswith(("swin", "maxvit"))]
    rows = []
    for name in names:
        rows.append(variant(name))
        print(rows[-1]["name"], rows[-1]["parameters"], flush=True)
    with open(os.path.join(here, "variants.json"), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
