"""Inputs, results in float64 and PyTorch's float32 error for each work of `accuracy.mjs`: `torch_accuracy.py FOLDER`.

FOLDER/specs.json lists the works; work i leaves FOLDER/i.json (shapes, PyTorch's error) beside its arrays in float32 and float64.
"""
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from torch_peer import OPERATIONS


def inputs(s):
    if s["kind"] == "gemm":
        a = torch.randn(s["k"], s["m"]) if s["transA"] else torch.randn(s["m"], s["k"])
        b = torch.randn(s["n"], s["k"]) if s["transB"] else torch.randn(s["k"], s["n"])
        return [a, b]
    if s["kind"] == "conv":
        x = torch.randn(s["n"], s["c"], s["size"], s["size"])
        w = torch.randn(s["oc"], s["c"] // s["groups"], s["k"], s["k"])
        return [x, w, torch.randn_like(F.conv2d(x, w, None, s["stride"], s["pad"], 1, s["groups"]))]
    return [torch.rand(shape) for shape in [s["shape"], s.get("other")] if shape]


def result(s, tensors):
    if s["kind"] == "gemm":
        a, b = tensors
        return (a.t() if s["transA"] else a) @ (b.t() if s["transB"] else b)
    if s["kind"] == "conv":
        x, w, dy = tensors
        args = [None, s["stride"], s["pad"], 1, s["groups"]]
        if s["pass"] == "forward":
            return F.conv2d(x, w, *args)
        wanted = (x if s["pass"] == "gradInput" else w).requires_grad_()
        return torch.autograd.grad(F.conv2d(x, w, *args), wanted, dy)[0]
    return OPERATIONS[s["op"]](tensors[0], s, tensors[1] if len(tensors) > 1 else None)


folder = Path(sys.argv[1])
for i, spec in enumerate(json.loads((folder / "specs.json").read_text())):
    torch.manual_seed(i)
    tensors = inputs(spec)
    exact = result(spec, [t.double() for t in tensors]).detach()
    error = (result(spec, [t.clone() for t in tensors]).double() - exact).abs().max().item()
    for j, t in enumerate(tensors):
        t.numpy().tofile(folder / f"{i}.{j}")
    exact.contiguous().numpy().tofile(folder / f"{i}.exact")
    shapes = [list(t.shape) for t in tensors]
    (folder / f"{i}.json").write_text(json.dumps({"shapes": shapes, "error": error, "largest": exact.abs().max().item()}))
