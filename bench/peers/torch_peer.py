"""PyTorch as a peer of the bench.

Pictures are laid out in both of PyTorch's memory formats, contiguous and channels-last; the faster one counts.
"""
import json
import resource
import sys

import torch
import torch.nn.functional as F
from torch import nn

from peer import serve


def mlp(*sizes, last=False):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*(layers if last else layers[:-1]))


def tutorial():
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))


def network(name):
    if name == "cnn":
        return tutorial(), [3, 32, 32]
    if name == "mlp":
        return mlp(784, 512, 512, 10), [784]
    if name == "mlp10":
        return mlp(*[16] * 11, last=True), [16]
    import torchvision
    return getattr(torchvision.models, name)(weights=None), [3, 224, 224]


OPERATIONS = {
    "maxPool": lambda x, s, y: F.max_pool2d(x, s["kernel"], s["stride"], s["pad"]),
    "avgPool": lambda x, s, y: F.avg_pool2d(x, s["kernel"], s["stride"], s["pad"]),
    "batchNorm": lambda x, s, y: F.batch_norm(x, None, None, training=True),
    "softmax": lambda x, s, y: F.softmax(x, 1),
    "sum": lambda x, s, y: x.sum(),
    "mean": lambda x, s, y: x.mean(s["dim"]),
    "argmax": lambda x, s, y: x.argmax(s["dim"]),
    "add": lambda x, s, y: x + y,
    "mul": lambda x, s, y: x * y,
    "relu": lambda x, s, y: x.relu(),
    "exp": lambda x, s, y: x.exp(),
    "tanh": lambda x, s, y: x.tanh(),
    "sigmoid": lambda x, s, y: x.sigmoid(),
    "gelu": lambda x, s, y: F.gelu(x),
    "log": lambda x, s, y: x.log(),
}


def work(s, layout):
    kind = s["kind"]
    if kind == "gemm":
        a = torch.randn(s["k"], s["m"]).t() if s["transA"] else torch.randn(s["m"], s["k"])
        b = torch.randn(s["n"], s["k"]).t() if s["transB"] else torch.randn(s["k"], s["n"])
        return lambda: a @ b
    if kind == "conv":
        x = torch.randn(s["n"], s["c"], s["size"], s["size"]).to(memory_format=layout).requires_grad_()
        w = torch.randn(s["oc"], s["c"] // s["groups"], s["k"], s["k"]).to(memory_format=layout).requires_grad_()
        conv = lambda: F.conv2d(x, w, None, s["stride"], s["pad"], 1, s["groups"])
        if s["pass"] == "forward":
            return torch.no_grad()(conv)
        y = conv()
        dy = torch.randn_like(y)
        wanted = x if s["pass"] == "gradInput" else w
        return lambda: torch.autograd.grad(y, wanted, dy, retain_graph=True)
    if kind == "op":
        x = torch.rand(s["shape"])
        if len(s["shape"]) == 4 and "other" not in s:
            x = x.to(memory_format=layout)
        y = torch.rand(s["other"]) if "other" in s else None
        run = OPERATIONS[s["op"]]
        return torch.no_grad()(lambda: run(x, s, y))
    if kind == "model":
        model, shape = network(s["model"])
        x = torch.rand(s["batch"], *shape)
        if len(shape) == 3:
            model, x = model.to(memory_format=layout), x.to(memory_format=layout)
        if s["mode"] == "inference":
            model.eval()
            return torch.inference_mode()(lambda: model(x))
        loss, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=0.01)
        target = torch.randint(0, 10, (s["batch"],))

        def step():
            result = loss(model(x), target)
            optimizer.zero_grad()
            result.backward()
            optimizer.step()
            return result.item()

        return step
    a, b = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0)

    def scalars():
        for _ in range(s["calls"]):
            a + b

    return scalars


def has_layouts(s):
    return s["kind"] == "conv" or (s["kind"] == "op" and len(s["shape"]) == 4 and "other" not in s) or (s["kind"] == "model" and not s["model"].startswith("mlp"))


def prepare(spec, threads):
    torch.manual_seed(0)
    layouts = [torch.contiguous_format] + ([torch.channels_last] if has_layouts(spec) else [])

    def on_threads(run):
        def both():
            torch.set_num_threads(threads)
            return run()

        return both

    return [on_threads(work(spec, layout)) for layout in layouts]


def whole_process(spec):
    """Does a few training steps and prints the peak of resident memory in bytes."""
    torch.set_num_threads(spec["threads"])
    step = work({**spec, "kind": "model", "mode": "training"}, torch.contiguous_format)
    for _ in range(spec["steps"]):
        step()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


if __name__ == "__main__":
    whole_process(json.loads(sys.argv[1])) if sys.argv[1:] else serve(prepare)
