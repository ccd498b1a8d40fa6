"""Fills tensorboard.json with what PyTorch's SummaryWriter hands to TensorBoard's messages: ../shared/tools/torch-env python3 test/golden/tensorboard.py

TensorBoard itself is not needed: its message classes, which PyTorch only fills in, are stood in for by the ones below.
"""
import collections
import importlib.abc
import importlib.machinery
import io
import json
import os
import sys
import types

import numpy as np
import torch
import torch.nn.functional as F
from google.protobuf import struct_pb2
from PIL import Image
from torch import nn


class Message:
    """Keeps the fields that it is made with."""

    def __init__(self, **fields):
        self.__dict__.update({name: value for name, value in fields.items() if value is not None})

    def SerializeToString(self):
        return self


class SessionStartInfo(Message):
    def __init__(self):
        self.hparams = collections.defaultdict(Message)


class Kind(type):
    """Of a class of messages: its classes within, and the names of its enumeration."""

    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return name if name.isupper() else message(name)

    def Value(cls, *name, **fields):
        return name[0] if name else Message(**fields)


def message(name):
    return SessionStartInfo if name == "SessionStartInfo" else Kind(name, (Message,), {})


class Stub(types.ModuleType):
    """A module of TensorBoard, which has every class and constant that it is asked for."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        constants = {"PLUGIN_NAME": "hparams", "PLUGIN_DATA_VERSION": 0}
        return constants.get(name, name) if name.isupper() else message(name)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds all of TensorBoard's modules."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] == "tensorboard":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Stub(spec.name)

    def exec_module(self, module):
        if module.__name__ == "tensorboard":
            module.__version__ = "2.20"


sys.meta_path.insert(0, Finder())

from torch.utils.tensorboard import summary
from torch.utils.tensorboard._pytorch_graph import graph

here = os.path.dirname(os.path.abspath(__file__))


def plain(value):
    if isinstance(value, Message):
        return {name: plain(field) for name, field in vars(value).items()}
    if isinstance(value, dict):
        return {name: plain(field) for name, field in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, struct_pb2.ListValue):
        return list(value)
    if isinstance(value, bytes) and value.startswith(b"\x89PNG"):
        return np.asarray(Image.open(io.BytesIO(value))).reshape(-1).tolist()
    return value.decode("latin1") if isinstance(value, bytes) else value


def values(n, scale=1.0):
    """Multiples of 2^-16 in (-1, 1), exact in float32, as test/tensorboard makes them."""
    return torch.tensor([(((i + 1) * 40503) % 65536) / 32768 - 1 for i in range(n)], dtype=torch.float64) * scale


def histograms():
    v = 1e-12
    edges = []
    while v < 1e20:
        edges.append(v)
        v *= 1.1
    defaults = [-e for e in edges[::-1]] + [0] + edges
    inputs = {"many": values(500), "few": values(5), "same": torch.full((4,), 2.0, dtype=torch.float64), "skew": values(300).abs() ** 5}
    rules = ["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt", 7, [-1.0, -0.5, 0.0, 0.25, 3.0]]
    out = []
    for name, x in inputs.items():
        for bins in rules:
            out.append([name, bins, None, summary.make_histogram(x.numpy(), bins)])
        for most in (None, 30, 100):
            out.append([name, "tensorflow", most, summary.make_histogram(x.numpy(), defaults, most)])
    return out


def pictures():
    gray = (values(2 * 3 * 4).abs()).float()
    return {
        "CHW": summary.image("p", values(3 * 4 * 5).float().reshape(3, 4, 5), dataformats="CHW"),
        "HW": summary.image("p", gray[:12].reshape(3, 4), dataformats="HW"),
        "WH": summary.image("p", gray[:12].reshape(3, 4), dataformats="WH"),
        "HWC": summary.image("p", (gray * 255).to(torch.uint8).reshape(2, 3, 4), dataformats="HWC"),
        "NCHW": summary.image("p", values(9 * 1 * 2 * 3, 2).float().reshape(9, 1, 2, 3)),
        "NHWC": summary.image("p", gray.reshape(2, 2, 2, 3), dataformats="NHWC"),
    }


def summaries():
    labels = (values(50) > 0.2).long()
    guesses = values(50).abs().float()
    layout = {"losses": {"both": ["Multiline", ["a", "b"]], "band": ["Margin", ["m", "l", "u"]]}}
    raw = [list(range(i, i + 3)) for i in range(6)]
    return {
        "scalar": summary.scalar("s", 0.1),
        "scalarNew": summary.scalar("s", torch.tensor([1.5]), new_style=True),
        "scalarDouble": summary.scalar("s", 0.1, new_style=True, double_precision=True),
        "text": summary.text("t", "a *b*"),
        "audio": summary.audio("a", values(40).float().reshape(1, 40), 8000),
        "tensors": [summary.tensor_proto("x", values(4).reshape(2, 2).to(d)) for d in (torch.float32, torch.float64, torch.float16, torch.bfloat16)],
        "integers": [summary.tensor_proto("x", torch.tensor([1, 0, 3]).to(d)) for d in (torch.int64, torch.int32, torch.bool)],
        "prCurve": summary.pr_curve("c", labels.numpy(), guesses.numpy()),
        "prCurveWeighted": summary.pr_curve("c", labels.numpy(), guesses.numpy(), 5, np.arange(50) / 10),
        "prCurveRaw": summary.pr_curve_raw("c", *raw, num_thresholds=3),
        "customScalars": summary.custom_scalars(layout),
        "histogramRaw": summary.histogram_raw("h", -1, 2, 3, 1.5, 4.5, [0.0, 1.0, 2.0], [1, 0, 2]),
        "hparams": summary.hparams({"lr": 0.1, "name": "sgd", "flag": True, "none": None, "t": torch.tensor([2.0])}, {"acc": 1, "loss": 2}, {"lr": [0.1, 0.2], "name": ["sgd", "adam"]}),
    }


class Tudui(nn.Module):
    def __init__(self):
        super().__init__()
        self.model1 = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))

    def forward(self, x):
        return self.model1(x)


class Mixed(nn.Module):
    """Layers in a list, functions, parameters of its own, a shared layer, several inputs and outputs."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(8))
        self.register_buffer("offset", torch.zeros(8))
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
        self.norm = nn.LayerNorm(8)
        self.drop = nn.Dropout(0.25)

    def forward(self, image, extra):
        x = F.relu(self.bn(self.conv(image)))
        x = self.pool(x) + F.avg_pool2d(x, 2, 2)
        x = x.mean([2, 3])
        for layer in [*self.layers, self.layers[0]]:
            x = F.gelu(layer(x)) * self.scale + self.offset
        x = self.drop(self.norm(x))
        scores = torch.cat([x, extra], 1).softmax(1)
        best = scores.argmax(1)
        picked = torch.where(scores > 0.5, scores, extra.sum()).clamp(min=0) * 2 - 0.5
        turned = picked.unsqueeze(1).permute(2, 0, 1).contiguous().view(-1, 1)
        return scores.max(), (best, turned)


def graphs():
    out = {}
    for model, args in [(Tudui(), torch.ones(64, 3, 32, 32)), (Mixed(), (torch.ones(2, 3, 8, 8), torch.ones(2, 3)))]:
        out[type(model).__name__] = [
            [n["name"].decode(), n["op"], n.get("input", []), n["attr"]["attr"]["s"].decode(), shape_of(n)] for n in plain_nodes(graph(model, args)[0])
        ]
    return out


def plain_nodes(definition):
    return [vars(node) | {"attr": {key: vars(value) for key, value in node.attr.items()}} for node in definition.node]


def shape_of(node):
    found = node["attr"].get("_output_shapes")
    return None if found is None else [dim.size for dim in found["list"].shape[0].dim]


if __name__ == "__main__":
    torch.manual_seed(0)
    made = {"histograms": histograms(), "pictures": pictures(), "summaries": summaries(), "graphs": graphs()}
    with open(os.path.join(here, "tensorboard.json"), "w") as file:
        json.dump(plain(made), file, separators=(",", ":"))
