"""Fills random.json and print.json with PyTorch's values: `npm run golden`."""
import json
import math
import os

import torch
import torch.nn.functional as F

here = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)


def random():
    out = {}
    for seed in (0, 1, 42):
        row = {}
        torch.manual_seed(seed)
        row["rand"] = torch.rand(5).tolist()
        for n in (5, 16, 37):
            torch.manual_seed(seed)
            row[f"randn{n}"] = torch.randn(n).tolist()
        torch.manual_seed(seed)
        row["randn1000"] = torch.randn(1000)[990:].tolist()
        torch.manual_seed(seed)
        row["randperm"] = torch.randperm(20).tolist()
        torch.manual_seed(seed)
        row["randint"] = torch.randint(0, 10, (12,)).tolist()
        torch.manual_seed(seed)
        row["dropout"] = F.dropout(torch.ones(20), 0.3).tolist()
        torch.manual_seed(seed)
        linear, conv = torch.nn.Linear(4, 3), torch.nn.Conv2d(2, 2, 3)
        row["linear"] = linear.weight.flatten().tolist() + linear.bias.tolist()
        row["conv2d"] = conv.weight.flatten().tolist() + conv.bias.tolist()
        torch.manual_seed(seed)
        data = torch.utils.data.TensorDataset(torch.arange(10))
        loader = torch.utils.data.DataLoader(data, batch_size=4, shuffle=True)
        row["loader"] = [b[0].tolist() for _ in range(2) for b in loader]
        out[seed] = row
    return out


def ramp(shape, scale=1.0, offset=0.0, dtype=torch.float32):
    """i * scale + offset, which the test makes by itself where the tensor is large."""
    return torch.tensor([i * scale + offset for i in range(math.prod(shape))], dtype=dtype).reshape(shape)


INF, NAN = float("inf"), float("nan")
T = torch.tensor

# Tensors to print: values given, or the arguments of `ramp`.
PRINTED = [
    T(3.5), T(3), T(True), T(-7.25e-12), T(NAN), T(-INF), T(0.0), T(-0.0), T(1e38), T(123456789), T(-(2**63)), T(2**63 - 1), T(255, dtype=torch.uint8),
    T(2.5, requires_grad=True), T(1e-45), T(16777217, dtype=torch.float64), T(0.1, dtype=torch.float64), T(0.1, dtype=torch.float16), T(0.1, dtype=torch.bfloat16),
    T([1.0, 2.0, 3.0]), T([1, -20, 300]), T([[0.5, -1.25], [100.0, 3.0]]), T([1e-5, 1.0]), T([1e10, 1.0]), T([1.0, NAN, INF]), T([0.1, -INF]), T([NAN]), T([NAN, NAN]),
    T([INF, -INF]), T([1.0, INF]), T([1e8, NAN]), T([True, False]), T([[True], [False]]), T([-0.0, 1.5]), T([-0.0, 1e-8]), T([-0.0, 1e-8, -1.0]), T([1000000.0]), T([99999999.0]), T([100000000.0]),
    T([123456.0, 0.5]), T([1e-4, 1.0]), T([9.9e-5, 1.0]), T([1.0, 1000.0]), T([1.0, 1001.5]), T([1.5, 1500.5]), T([1.5, 1501.5]), T([1e-8, 2e-8]), T([0.0, 0.0]), T([0.0, 1e-5]),
    T([1.0, 2.5, 1e6]), T([1e5, 2e5]), T([12345678.0, 1.0]), T([-1.0, -2.0]), T([-1.5, 22.25, 333.125]), T([0.99995, 1.0]), T([0.99999999, 1.5]), T([1e-38, 1.0]), T([3e38, -3e38]),
    T([1, -(2**62), 3]), T([-1, 10, -100], dtype=torch.int32), T([[1, 20], [300, 4000]]), T([0, 255], dtype=torch.uint8), T([0.3333333], dtype=torch.float64),
    T([1 / 3, 2 / 3], dtype=torch.float64), T([1e-300, 1e300], dtype=torch.float64), T([1.0, 65504.0], dtype=torch.float16), T([0.5, -2.25], dtype=torch.bfloat16),
    T([1.0, 2.0], requires_grad=True), T([1.0, 2.0], dtype=torch.float64, requires_grad=True), T([[1e-5, 2.0], [3.0, 4e5]], requires_grad=True),
    torch.zeros(0), torch.zeros(0, 3), torch.zeros(2, 0, dtype=torch.int64), torch.zeros(0, dtype=torch.bool), torch.zeros(1, 0, 2, requires_grad=True), torch.zeros(0, dtype=torch.float64),
    torch.zeros(2, 2), torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.int32), torch.ones(3, dtype=torch.uint8), torch.ones(1, 1, 1, 1), torch.ones(2, 1, 1, 2, 1),
    ((30,), 1, 0, torch.int64), ((1001,), 1, 0, torch.int64), ((1000,), 1, 0, torch.int64), ((2, 10, 100), 1, 0, torch.int64), ((2, 3, 4),), ((40,), 1 / 7), ((3, 4), 1 / 3, -2),
    ((1200, 1), 1 / 3), ((1, 1200), 1 / 3), ((7, 7, 30), 0.1, -5), ((3, 3, 3, 50), -1e-3), ((1001,), 1e-6), ((1001,), 1e6), ((12, 12), 1e4, -3e5), ((25,), -12345.678), ((20, 8), 1, 0, torch.uint8),
    ((60, 60), 3, -7, torch.int32), ((2, 1100), 1e-3, 0, torch.float64), ((5, 6, 7, 8), 0.01), ((1100,), 0, 1), ((10, 101), 1, 0.5, torch.float16), ((17,), 1e3, 1e-3, torch.bfloat16),
]


def printed():
    rows = []
    for given in PRINTED:
        t = given if isinstance(given, torch.Tensor) else ramp(*given)
        row = {"shape": list(t.shape), "dtype": str(t.dtype)[6:], "requiresGrad": t.requires_grad, "text": repr(t)}
        if t is given:
            row["data"] = [repr(v) for v in t.detach().flatten().tolist()]
        else:
            row["ramp"] = [*given[1:3], *(1, 0)[len(given[1:3]):]]
        rows.append(row)
    return rows


for name, rows in (("random", random()), ("print", printed())):
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump(rows, f, separators=(",", ":"))
