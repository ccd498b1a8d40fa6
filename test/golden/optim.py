"""Fills optim.json with PyTorch's optimizers: ../shared/tools/torch-env python3 test/golden/optim.py"""
import base64
import json
import math
import os

import torch

here = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)

SHAPES = [[], [1], [3, 5], [17, 33], [4]]  # the last parameter has no gradient
STEPS = 10
CASES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1, "maximize": True}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.2, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-4}),
    ("Adam", {"lr": 0.02, "betas": [0.3, 0.4]}),
    ("Adam", {"lr": 0.02, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("Adam", {"lr": 0.02, "amsgrad": True, "maximize": True, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3, "amsgrad": True}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.7, "eps": 1e-4, "weight_decay": 0.1}),
    ("Adadelta", {"maximize": True}),
]


def values(shape, seed):
    """Multiples of 2^-32 in (-1, 1), as test/optim/parity.test.ts makes them."""
    raw = [(((i + 1) * 2654435761 + seed * 40503) % 2**32) / 2**32 * 2 - 1 for i in range(math.prod(shape))]
    return torch.tensor(raw, dtype=torch.float64).reshape(shape)


def parameters(dtype):
    return [torch.nn.Parameter(values(shape, i + 1).to(dtype)) for i, shape in enumerate(SHAPES)]


def optimizer(kind, options, params):
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    return getattr(torch.optim, kind)([{"params": params[:2] + params[4:]}, {"params": params[2:4], "lr": 0.03}], **options)


def run(opt, params, first, last):
    """Steps with gradients of four sizes; every eighth gradient is zero."""
    for step in range(first, last):
        for i, p in enumerate(params[:4]):
            p.grad = (values(SHAPES[i], 100 * step + i) * 4.0 ** -(step % 4)).to(p.dtype)
            p.grad.flatten()[step % 8 :: 8] = 0
        opt.step()


def encode(t):
    """The bytes of a tensor, of a large one every seventh element."""
    flat = t.detach().flatten()
    return base64.b64encode((flat[::7] if flat.numel() > 100 else flat).contiguous().numpy().tobytes()).decode()


def dump(value):
    if isinstance(value, torch.Tensor):
        return {"tensor": base64.b64encode(value.contiguous().numpy().tobytes()).decode(), "shape": list(value.shape), "dtype": str(value.dtype)[6:]}
    if isinstance(value, dict):
        return {str(k): dump(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [dump(v) for v in value]
    return value


def steps():
    rows = []
    for kind, options in CASES:
        row = {"kind": kind, "options": options}
        for dtype in (torch.float32, torch.float64):
            params = parameters(dtype)
            run(optimizer(kind, options, params), params, 0, STEPS)
            row[str(dtype)[6:]] = [encode(p) for p in params]
        rows.append(row)
    return rows


def state_dicts():
    """State dicts after three steps over small parameters, and the parameters before and after four more."""
    rows = []
    for kind, options in [CASES[i] for i in (0, 2, 6, 10, 13, 16)]:
        global SHAPES
        kept, SHAPES = SHAPES, [[], [1], [3, 5], [2, 7], [4]]
        params = parameters(torch.float32)
        opt = optimizer(kind, options, params)
        run(opt, params, 0, 3)
        row = {"kind": kind, "options": options, "shapes": SHAPES, "dict": dump(opt.state_dict()), "before": [encode(p) for p in params]}
        run(opt, params, 3, 7)
        row["after"] = [encode(p) for p in params]
        rows.append(row)
        SHAPES = kept
    return rows


with open(os.path.join(here, "optim.json"), "w") as f:
    json.dump({"steps": steps(), "stateDicts": state_dicts()}, f, separators=(",", ":"))
