"""Fills optim.json and optimizers.pt with PyTorch's optimizers; `--check FILE` goes on from the states in a
file of ours, `--write FILE` writes those of all cases: ../shared/tools/torch-env python3 test/golden/optim.py
"""
import base64
import copy
import json
import math
import os
import pickle
import sys

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
STATES = [CASES[i] for i in (0, 2, 4, 6, 7, 11, 12, 13, 16)]  # that differ in what is remembered


def values(shape, seed):
    """Multiples of 2^-32 in (-1, 1), as test/optim/parity.test.ts makes them."""
    raw = [(((i + 1) * 2654435761 + seed * 40503) % 2**32) / 2**32 * 2 - 1 for i in range(math.prod(shape))]
    return torch.tensor(raw, dtype=torch.float64).reshape(shape)


def parameters(shapes, dtype):
    return [torch.nn.Parameter(values(shape, i + 1).to(dtype)) for i, shape in enumerate(shapes)]


def optimizer(kind, options, params):
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    return getattr(torch.optim, kind)([{"params": params[:2] + params[4:]}, {"params": params[2:4], "lr": 0.03}], **options)


def run(opt, params, first, last):
    """Steps with gradients of four sizes; every eighth gradient is zero."""
    for step in range(first, last):
        for i, p in enumerate(params[:4]):
            p.grad = (values(p.shape, 100 * step + i) * 4.0 ** -(step % 4)).to(p.dtype)
            p.grad.flatten()[step % 8 :: 8] = 0
        opt.step()


def encode(t):
    """The bytes of a tensor, of a large one every seventh element."""
    flat = t.detach().flatten()
    return base64.b64encode((flat[::7] if flat.numel() > 100 else flat).contiguous().numpy().tobytes()).decode()


def steps():
    rows = []
    for kind, options in CASES:
        row = {"kind": kind, "options": options}
        for dtype in (torch.float32, torch.float64):
            params = parameters(SHAPES, dtype)
            run(optimizer(kind, options, params), params, 0, STEPS)
            row[str(dtype)[6:]] = [encode(p) for p in params]
        rows.append(row)
    return rows


def together(tensors):
    """The same tensors as views of one memory, which take less room in a file."""
    flat = torch.cat([t.detach().flatten() for t in tensors])
    return [part.view(t.shape) for part, t in zip(flat.split([t.numel() for t in tensors]), tensors)]


def states(cases):
    """After three steps: the state, the parameters, the next gradients and where they lead."""
    for kind, options in cases:
        params = parameters([[], [1], [3, 5], [2, 7], [4]], torch.float32)
        opt = optimizer(kind, options, params)
        run(opt, params, 0, 3)
        record = {"kind": kind, "options": options, "state": copy.deepcopy(opt.state_dict()), "before": together(params)}
        run(opt, params, 3, 4)
        yield {**record, "grads": together([p.grad for p in params[:4]]), "after": together(params)}


def check(path):
    """Loads states that another hand wrote, with their options, into optimizers of other ones, takes the next step and compares."""
    try:
        records = torch.load(path, weights_only=True)
    except pickle.UnpicklingError:
        if torch.__version__ >= "2":
            raise
        print(f"PyTorch {torch.__version__} cannot read floats with weights_only: without it")
        records = torch.load(path)
    equal, largest = 0, 0
    for record in records:
        params = [torch.nn.Parameter(p) for p in record["before"]]
        opt = optimizer(record["kind"], {"lr": 1.0}, params)
        opt.load_state_dict(record["state"])
        for p, grad in zip(params, record["grads"]):
            p.grad = grad
        opt.step()
        difference = max((p - after).abs().max().item() for p, after in zip(params, record["after"]))
        assert difference < 1e-6, (record["kind"], record["options"], difference)
        equal, largest = equal + (difference == 0), max(largest, difference)
    print(f"{len(records)} optimizers go on in PyTorch {torch.__version__}, {equal} of them to the bit, all within {largest:.1g}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    elif sys.argv[1:2] == ["--write"]:
        torch.save(list(states(CASES)), sys.argv[2])
    else:
        with open(os.path.join(here, "optim.json"), "w") as f:
            json.dump({"steps": steps(), "states": [{"kind": kind, "options": options} for kind, options in STATES]}, f, separators=(",", ":"))
        torch.save(list(states(STATES)), os.path.join(here, "optimizers.pt"))
