"""Fills random.json and print.json with PyTorch's values: `npm run golden`."""
import json
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


PRINTED = [
    "torch.tensor(3.5)", "torch.tensor(3)", "torch.tensor(True)", "torch.tensor([1.0, 2.0, 3.0])", "torch.tensor([1, -20, 300])",
    "torch.tensor([[0.5, -1.25], [100.0, 3.0]])", "torch.tensor([1e-5, 1.0])", "torch.tensor([1e10, 1.0])", "torch.tensor([1.0, float('nan'), float('inf')])",
    "torch.tensor([0.1, float('-inf')])", "torch.tensor([True, False])", "torch.zeros(0)", "torch.zeros(0, 3)", "torch.zeros(2, 0, dtype=torch.int64)",
    "torch.arange(30)", "torch.arange(1001)", "torch.arange(2000).reshape(2, 10, 100)", "torch.arange(24.0).reshape(2, 3, 4)", "torch.zeros(2, 2)",
    "torch.ones(3, dtype=torch.float64)", "torch.ones(3, dtype=torch.int32)", "torch.ones(3, dtype=torch.uint8)", "torch.tensor([0.3333333], dtype=torch.float64)",
    "torch.arange(40.0) / 7", "torch.tensor([1.0, 2.0], requires_grad=True)", "torch.tensor([123456.0, 0.5])", "torch.tensor([-0.0, 1.5])", "torch.tensor([1000000.0])",
    "torch.arange(1200.0).reshape(1200, 1) / 3", "torch.tensor(-7.25e-12)", "torch.arange(12.0).reshape(3, 4).t()", "torch.ones(1, 1, 1, 1)",
]


def printed():
    rows = []
    for expression in PRINTED:
        t = eval(expression)
        data = t.detach().flatten().tolist()
        rows.append({"expression": expression, "data": [repr(v) for v in data] if len(data) < 50 else None, "shape": list(t.shape), "dtype": str(t.dtype)[6:],
                     "requiresGrad": t.requires_grad, "text": repr(t)})
    return rows


for name, rows in (("random", random()), ("print", printed())):
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump(rows, f, separators=(",", ":"))
