"""Fills blocks.json with torchvision's building blocks: ../shared/tools/torch-env python3 test/golden/blocks.py"""
import json
import math
import os

import torch
from torch import nn
from torchvision import ops
from torchvision.models.convnext import LayerNorm2d

here = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)

# Block in JavaScript, in Python, shape of the input.
BLOCKS = [
    ("new ops.Conv2dNormActivation(3, 4)", "ops.Conv2dNormActivation(3, 4)", [2, 3, 5, 4]),
    ("new ops.Conv2dNormActivation(4, 4, { kernelSize: 5, stride: 2, groups: 2, dilation: 2, activationLayer: (o) => new nn.ReLU6(o) })", "ops.Conv2dNormActivation(4, 4, 5, 2, groups=2, dilation=2, activation_layer=nn.ReLU6)", [2, 4, 9, 9]),
    ("new ops.Conv2dNormActivation(3, 4, { kernelSize: [1, 3], normLayer: null, activationLayer: (o) => new nn.Hardswish(o), inplace: false })", "ops.Conv2dNormActivation(3, 4, (1, 3), norm_layer=None, activation_layer=nn.Hardswish, inplace=False)", [1, 3, 5, 4]),
    ("new ops.Conv2dNormActivation(3, 4, { kernelSize: 2, padding: 'same', activationLayer: () => new nn.GELU(), inplace: null, bias: true })", "ops.Conv2dNormActivation(3, 4, 2, padding='same', activation_layer=nn.GELU, inplace=None, bias=True)", [1, 3, 5, 4]),
    ("new ops.Conv2dNormActivation(3, 4, { kernelSize: 4, stride: 4, padding: 0, normLayer: (c) => new ops.LayerNorm2d(c), activationLayer: null })", "ops.Conv2dNormActivation(3, 4, 4, 4, 0, norm_layer=LayerNorm2d, activation_layer=None)", [1, 3, 8, 9]),
    ("new ops.SqueezeExcitation(6, 2)", "ops.SqueezeExcitation(6, 2)", [2, 6, 3, 4]),
    ("new ops.SqueezeExcitation(6, 2, { activation: () => new nn.SiLU({ inplace: true }), scaleActivation: () => new nn.Hardsigmoid() })", "ops.SqueezeExcitation(6, 2, lambda: nn.SiLU(inplace=True), nn.Hardsigmoid)", [2, 6, 3, 4]),
    ("new ops.MLP(5, [4, 3, 2])", "ops.MLP(5, [4, 3, 2])", [3, 5]),
    ("new ops.MLP(5, [4, 3], { normLayer: (c) => new nn.LayerNorm(c), activationLayer: (o) => new nn.ELU(1, o), inplace: true, bias: false, dropout: 0.5 }).eval()", "ops.MLP(5, [4, 3], norm_layer=nn.LayerNorm, activation_layer=nn.ELU, inplace=True, bias=False, dropout=0.5).eval()", [2, 3, 5]),
    ("new ops.MLP(5, [4, 3], { dropout: 0.5 })", "ops.MLP(5, [4, 3], dropout=0.5)", [2, 3, 5]),
    ("new ops.Permute([0, 2, 3, 1])", "ops.Permute([0, 2, 3, 1])", [2, 3, 4, 5]),
    ("new ops.LayerNorm2d(6, { eps: 1e-6 })", "LayerNorm2d(6, eps=1e-6)", [2, 6, 3, 4]),
    ("new ops.StochasticDepth(0.4, 'row')", "ops.StochasticDepth(0.4, 'row')", [8, 3]),
    ("new ops.StochasticDepth(0.4, 'batch')", "ops.StochasticDepth(0.4, 'batch')", [4, 2, 2]),
    ("new ops.StochasticDepth(1, 'row')", "ops.StochasticDepth(1.0, 'row')", [4, 2]),
    ("new ops.StochasticDepth(0, 'row')", "ops.StochasticDepth(0.0, 'row')", [4, 2]),
    ("new ops.StochasticDepth(0.4, 'row').eval()", "ops.StochasticDepth(0.4, 'row').eval()", [4, 2]),
]


def values(shape, seed):
    """Multiples of 2^-32 in (-1, 1), as test/nn/golden.ts makes them."""
    raw = [(((i + 1) * 2654435761 + seed * 40503) % 2**32) / 2**32 * 2 - 1 for i in range(math.prod(shape))]
    return torch.tensor(raw, dtype=torch.float64).reshape(shape)


def compact(t):
    return [float(f"{v:.12g}") for v in t.detach().double().flatten().tolist()]


rows = []
for js, py, shape in BLOCKS:
    torch.manual_seed(6)
    block = eval(py, {"ops": ops, "nn": nn, "LayerNorm2d": LayerNorm2d})
    initial = sum(p.detach().double().sum().item() for p in block.parameters())
    block = block.double()
    x = values(shape, 1).requires_grad_()
    y = block(x * 1)
    (grad,) = torch.autograd.grad(y, x, values(list(y.shape), 9))
    rows.append({"js": js, "shape": shape, "text": str(block), "keys": list(block.state_dict()), "initial": initial, "result": list(y.shape), "value": compact(y), "grad": compact(grad)})
with open(os.path.join(here, "blocks.json"), "w") as f:
    json.dump(rows, f, separators=(",", ":"))
    f.write("\n")
