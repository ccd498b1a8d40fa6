"""Fills ops.json with PyTorch's values for the rows of test/ops.cases.ts, which arrive as JSON on standard input: `npm run golden`."""
import json
import math
import os
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))


def filled(shape, seed, dtype, positive=False):
    """The tensors that test/ops.test.ts makes: multiples of 2^-20 in (-1, 1) or (0.5, 1.5), or small integers."""
    words = [(((i + 1) * 2654435761 + seed * 40503) % 2**32) >> 12 for i in range(math.prod(shape))]
    if dtype.is_floating_point:
        flat = [w / 2**20 + 0.5 if positive else w / 2**19 - 1 for w in words]
    elif dtype == torch.bool:
        flat = [bool(w % 2) for w in words]
    else:
        flat = [w % 7 + 1 if positive or dtype == torch.uint8 else w % 15 - 7 for w in words]
    return torch.tensor(flat, dtype=dtype).reshape(shape)


def steps(name, x, y, **options):
    p = torch.nn.Parameter(x.detach().clone())
    optimizer = getattr(torch.optim, name)([p], **options)
    for k in (1, 2, 3):
        p.grad = y.detach() * k
        optimizer.step()
    return p.detach()


def pil_resize(x, height, width, name):
    """What PIL makes of a picture [h, w, c] of bytes."""
    import numpy
    from PIL import Image

    planes = [Image.fromarray(plane.numpy()).resize((width, height), getattr(Image.Resampling, name.upper())) for plane in x.unbind(-1)]
    return torch.stack([torch.from_numpy(numpy.array(plane)) for plane in planes], -1)


def number(v):
    return float(f"{v:.11g}") if math.isfinite(v) else str(v)


def summary(exact, rough=None):
    """All of a small tensor, 12 elements and the sum of a large one; `error` is PyTorch's own in float32."""
    flat = exact.detach().double().flatten()
    n = flat.numel()
    step = 1 if n <= 24 else (n - 1) // 11
    out = {"shape": list(exact.shape), "values": [number(v) for v in flat[::step].tolist()]}
    if step > 1:
        out["sum"] = number(flat.sum().item())
    finite = flat[torch.isfinite(flat)]
    out["max"] = number(finite.abs().max().item() if finite.numel() else 0.0)
    if rough is not None:
        difference = (rough.detach().double().flatten() - flat).abs()
        difference = difference[torch.isfinite(difference)]
        out["error"] = float(f"{difference.max().item() if difference.numel() else 0.0:.3g}")
    return out


def evaluate(row, shapes, dtype):
    positive, grad = row.get("range") == "positive", row.get("grad", True)
    inputs = [filled(shape, i, dtype, positive) for i, shape in enumerate(shapes, 1)]
    if grad:
        inputs = [x.requires_grad_() for x in inputs]
    torch.manual_seed(0)
    y = eval(row["torch"], {"torch": torch, "F": F, "steps": steps, "pil_resize": pil_resize, **dict(zip("xyz", inputs))})
    if not grad:
        return y, []
    grads = torch.autograd.grad(y, inputs, filled(list(y.shape), 9, y.dtype), allow_unused=True)
    return y, [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, grads)]


def golden(row, shapes):
    if row.get("compare") == "shape":
        y, _ = evaluate(row, shapes, torch.float32)
        return {"float": {"dtypes": {"float32": str(y.dtype)[6:]}, "value": {"shape": list(y.shape)}}}
    if row.get("compare") == "seeded":
        y, grads = evaluate(row, shapes, torch.float32)
        return {"float": {"dtypes": {"float32": str(y.dtype)[6:]}, "value": summary(y), "grads": [summary(g) for g in grads]}}
    if "dtypes" in row:
        out = {}
        for name in row["dtypes"]:
            y, _ = evaluate(row, shapes, getattr(torch, name))
            out[name] = {"dtypes": {name: str(y.dtype)[6:]}, "value": summary(y), "grads": []}
        return out
    y, grads = evaluate(row, shapes, torch.float64)
    y32, grads32 = evaluate(row, shapes, torch.float32)
    dtypes = {"float64": str(y.dtype)[6:], "float32": str(y32.dtype)[6:]}
    return {"float": {"dtypes": dtypes, "value": summary(y, y32), "grads": [summary(a, b) for a, b in zip(grads, grads32)]}}


table = json.load(sys.stdin)
result = {
    op: [{"torch": row["torch"], "variants": [{"shapes": shapes, **golden(row, shapes)} for shapes in row["shapes"]]} for row in rows]
    for op, rows in table.items()
}
with open(os.path.join(here, "ops.json"), "w") as f:
    json.dump(result, f, separators=(",", ":"))
    f.write("\n")
