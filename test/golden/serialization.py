"""Writes the checkpoints of serialization/ with PyTorch: ../shared/tools/torch-env python3 test/golden/serialization.py

`--check FILE` reads a file of ours, `--check-modules FILE` one of whole models, `--check-network NAME FILE THEIRS` one of a network, of which
it writes torchvision's own; `--write-modules FILE` writes whole models, as far as this PyTorch has them, and `--about` tells what
there is. `npm run roundtrip -- --python CMD` does this with any PyTorch, `npm run roundtrip:large` with files beyond 4 GiB.
"""
import collections
import json
import os
import sys
import unittest.mock
import warnings
import zipfile

import torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "serialization")


def check(path):
    """Prints what torch.load(weights_only=True) makes of a file."""
    value = torch.load(path, weights_only=True)
    print(value)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    torch.load(path, weights_only=True, mmap=True)


def modules():
    """What makes a module of every kind that is supported, in more than one form where that changes what is stored, with an input."""
    nn = torch.nn
    image, rows = torch.randn(2, 4, 6, 6), torch.randn(3, 4)
    yield "Linear", lambda: nn.Linear(4, 3), [rows]
    yield "Linear without bias", lambda: nn.Linear(4, 3, bias=False), [rows]
    yield "Identity", lambda: nn.Identity(), [rows]
    yield "Conv2d", lambda: nn.Conv2d(4, 2, 3), [image]
    yield "Conv2d with options", lambda: nn.Conv2d(4, 4, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2, bias=False), [image]
    yield "Conv2d same", lambda: nn.Conv2d(4, 2, (2, 3), padding="same"), [image]
    yield "Conv2d valid", lambda: nn.Conv2d(4, 2, 3, padding="valid"), [image]
    for name, x in (("1d", rows), ("2d", image), ("3d", torch.randn(2, 4, 2, 2, 3))):
        yield "BatchNorm" + name, lambda: getattr(nn, "BatchNorm" + name)(4), [x]
    yield "BatchNorm2d with options", lambda: nn.BatchNorm2d(4, eps=0.001, momentum=None, affine=False), [image]
    yield "BatchNorm2d of batches", lambda: nn.BatchNorm2d(4, track_running_stats=False), [image]
    yield "Dropout", lambda: nn.Dropout(0.25, inplace=True), [rows]
    yield "Dropout of all", lambda: nn.Dropout(1.0), [rows]
    yield "MaxPool2d", lambda: nn.MaxPool2d(2), [image]
    yield "MaxPool2d with options", lambda: nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=1, ceil_mode=True), [image]
    yield "AvgPool2d", lambda: nn.AvgPool2d(2), [image]
    yield "AvgPool2d with options", lambda: nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False, divisor_override=5), [image]
    yield "AdaptiveAvgPool2d", lambda: nn.AdaptiveAvgPool2d(2), [image]
    yield "AdaptiveAvgPool2d of sides", lambda: nn.AdaptiveAvgPool2d((None, 3)), [image]
    yield "Upsample", lambda: nn.Upsample(scale_factor=2), [image]
    yield "Upsample to a size", lambda: nn.Upsample(9, mode="bilinear", align_corners=True), [image]
    yield "Upsample with options", lambda: nn.Upsample(scale_factor=(1.5, 0.5), mode="bicubic", recompute_scale_factor=True), [image]
    yield "Upsample to sides", lambda: nn.Upsample((3, 4), mode="area"), [image]
    yield "Flatten", lambda: nn.Flatten(), [image]
    yield "Unflatten", lambda: nn.Unflatten(1, (2, 2)), [rows]
    for act in (nn.ReLU(), nn.ReLU(True), nn.LeakyReLU(), nn.LeakyReLU(1.0, inplace=True), nn.ELU(), nn.ELU(2.0), nn.SiLU(), nn.SiLU(inplace=True),
                nn.GELU(), nn.GELU("tanh"), nn.Softplus(), nn.Softplus(2.0, 10.0), nn.Sigmoid(), nn.Tanh(), nn.Softmax(1), nn.LogSoftmax(-1),
                nn.ReLU6(), nn.ReLU6(inplace=True), nn.Hardtanh(), nn.Hardtanh(-2.0, 0.5, inplace=True), nn.Hardswish(), nn.Hardsigmoid(inplace=True)):
        yield str(act), lambda: act, [rows]
    yield "LayerNorm", lambda: nn.LayerNorm(4), [rows]
    yield "LayerNorm of two dimensions", lambda: nn.LayerNorm((6, 6), eps=0.001, bias=False), [image]
    yield "LayerNorm without weights", lambda: nn.LayerNorm(4, elementwise_affine=False), [rows]
    words = [torch.randn(2, 3, 4) for _ in range(3)]
    yield "MultiheadAttention", lambda: nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=True), words
    yield "MultiheadAttention of other sizes", lambda: nn.MultiheadAttention(4, 2, bias=False, kdim=3, vdim=5), [words[0], torch.randn(6, 3, 3), torch.randn(6, 3, 5)]
    yield "Sequential", lambda: nn.Sequential(nn.Linear(4, 4), nn.ReLU(True), nn.Sequential(nn.Linear(4, 2))), [rows]
    yield "Sequential of names", lambda: nn.Sequential(collections.OrderedDict([("hidden", nn.Linear(4, 4)), ("act", nn.Tanh()), ("10", nn.Linear(4, 2)), ("9", nn.ReLU())])), [rows]
    twice = nn.Linear(4, 4)
    yield "Sequential of one layer twice", lambda: nn.Sequential(twice, nn.Tanh(), twice), [rows]
    tied = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    yield "Sequential of tied weights", lambda: tied, [rows]
    frozen = nn.Linear(4, 2)
    frozen.requires_grad_(False)
    yield "frozen", lambda: nn.Sequential(frozen, nn.Linear(2, 2)), [rows]
    yield "double", lambda: nn.Linear(4, 2).double(), [rows.double()]
    yield "empty Sequential", lambda: nn.Sequential(), [rows]
    yield "ModuleList", lambda: nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)]), None
    yield "ModuleDict", lambda: nn.ModuleDict({"b": nn.ReLU(), "a": nn.Linear(2, 2)}), None
    target = torch.tensor([0, 3, 1])
    yield "L1Loss", lambda: nn.L1Loss(), [rows, torch.zeros(3, 4)]
    yield "MSELoss", lambda: nn.MSELoss(reduction="sum"), [rows, torch.zeros(3, 4)]
    yield "CrossEntropyLoss", lambda: nn.CrossEntropyLoss(), [rows, target]
    yield "CrossEntropyLoss with options", lambda: nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0, 4.0]), ignore_index=1, reduction="sum", label_smoothing=0.25), [rows, target]


first = lambda output: output[0] if isinstance(output, tuple) else output


def whole_models():
    """The modules of every kind, with what they print, hold and compute; and the forms that this PyTorch lacks."""
    torch.manual_seed(0)
    found, lacking = {}, []
    for title, make, inputs in modules():
        try:
            module = make()
        except (AttributeError, TypeError) as error:
            lacking.append(f"{title} ({error})")
            continue
        if title != "frozen":
            module.eval()
        record = {"module": module, "text": str(module), "keys": list(module.state_dict())}
        if inputs is not None:
            inputs = [x.clone() for x in inputs]
            record["inputs"] = [x.clone() for x in inputs]
            record["output"] = first(module(*inputs)).detach()
        found[title] = record
    return found, lacking


def write_modules(path):
    found, lacking = whole_models()
    torch.save(found, path)
    for title in lacking:
        print(f"PyTorch {torch.__version__} has no {title}")


def load_whole(path):
    try:
        return torch.load(path, weights_only=False)
    except TypeError:  # PyTorch before 1.13
        return torch.load(path)


def check_modules(records):
    """Computes all outputs anew of what `whole_models` lays out, written by another hand."""
    for title, record in records.items():
        module = record["module"]
        assert isinstance(module, torch.nn.Module), title
        assert list(module.state_dict()) == record["keys"], title
        if torch.__version__ >= "2.6":
            assert str(module) == record["text"], (title, str(module), record["text"])
        if "inputs" in record:
            largest = record["output"].abs().max().item() if record["output"].numel() > 0 else 0
            with torch.no_grad():
                output = first(module(*[x.clone() for x in record["inputs"]]))
            torch.testing.assert_close(output, record["output"], rtol=1e-5, atol=2e-5 * largest, msg=lambda m: f"{title}: {m}")
            if len(record["keys"]) < 20:
                module.train()(*[x.clone() for x in record["inputs"]])


def show_all(module):
    """Draws what begins with zeros, ones or next to nothing, and takes the head's bias away, so that whatever is lost shows."""
    for name, tensor in [*module.named_buffers(), *module.named_parameters()]:
        if name.endswith("running_mean"):
            tensor.normal_(0, 0.1)
        elif name.endswith(("running_var", "layer_scale")):
            tensor.uniform_(0.5, 1.5)
    if hasattr(module, "heads"):
        module.heads.head.weight.normal_()
    list(module.parameters())[-1].zero_()


def check_network(name, ours, theirs):
    """Checks a network that was written by another hand, and writes torchvision's of that name."""
    import torchvision

    warnings.simplefilter("ignore")  # of initial weights that take their time
    records = load_whole(ours)
    check_modules(records)
    ((_, record),) = records.items()
    x = torch.rand(record["inputs"][0].shape)
    del records, record  # the largest take gigabytes
    torch.manual_seed(1)
    module = getattr(torchvision.models, name)(num_classes=10).eval()
    with torch.no_grad():
        show_all(module)
        record = {"module": module, "text": str(module), "keys": list(module.state_dict()), "inputs": [x], "output": module(x)}
    torch.save(record, theirs)


def about():
    """The version, and the names of torchvision's networks and others beside them; none where there is no torchvision."""
    try:
        from torchvision import models
    except ImportError:
        models = None
    return {"version": torch.__version__, "networks": dir(models) if models else []}


LARGE = 34


def large(i):
    """A tensor of more than 2^31 bytes, and others, with which it takes more than 2^32: large.mjs draws the same."""
    torch.manual_seed(i)
    if i > 0:
        return torch.rand(2**24)
    parts = torch.empty(2**31 + 5, dtype=torch.uint8).split(2**26)
    for part in parts:
        part.copy_(torch.randint(0, 256, part.shape, dtype=torch.uint8))
    return parts[0]._base


def check_large(path):
    if path.endswith(".pth"):
        state = torch.load(path, weights_only=True, mmap=True)
        get, names = state.__getitem__, list(state)
    else:
        from safetensors import safe_open

        shards = None
        if path.endswith(".json"):
            with open(path) as f:
                shards = json.load(f)["weight_map"]
        file_of = lambda name: os.path.join(os.path.dirname(path), shards[name]) if shards else path
        get = lambda name: safe_open(file_of(name), framework="pt").get_tensor(name)
        names = list(shards or safe_open(path, framework="pt").keys())
    assert sorted(names) == sorted(f"t{i}" for i in range(LARGE)), names
    for i in range(LARGE):
        assert torch.equal(get(f"t{i}"), large(i)), (path, i)


def write_large(folder):
    from safetensors.torch import save_file

    # Which copies all that it writes, and takes twice the memory.
    save_file({f"t{i}": large(i) for i in range(4)}, os.path.join(folder, "theirs.safetensors"))
    torch.save({f"t{i}": large(i) for i in range(LARGE)}, os.path.join(folder, "theirs.pth"))


class Offset(torch.nn.Module):
    """Tensors with attributes, which pickles make by functions of their own; so are the buffers that PyTorch 2.5 brought."""

    def __init__(self):
        super().__init__()
        self.offset = torch.nn.Buffer(torch.tensor([1.0, 2.0]))
        self.passing = torch.nn.Buffer(torch.tensor([3.0]), persistent=False)
        self.weight = torch.nn.Parameter(torch.tensor([4.0]))
        self.weight.origin = "here"
        self.plain = torch.tensor([5.0])
        self.plain.origin = "here"


def write():
    os.makedirs(here, exist_ok=True)

    def save(name, value, **options):
        torch.save(value, os.path.join(here, name), **options)

    floats = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
    numbers = {str(d)[6:]: torch.tensor([0.5, -1.25, 3.0, 1e-7], dtype=torch.float64).to(d) for d in floats}
    for d in (torch.int64, torch.int32):
        numbers[str(d)[6:]] = torch.tensor([1, -2, 2**31 - 1], dtype=d)
    numbers["uint8"] = torch.tensor([0, 255], dtype=torch.uint8)
    numbers["bool"] = torch.tensor([[True, False]])
    save("dtypes.pt", numbers)

    base = torch.arange(24, dtype=torch.float32)
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    save("views.pt", {
        "base": base, "rows": base.view(4, 6), "transposed": base.view(4, 6).t(), "tail": base[20:],
        "gaps": base.view(4, 6)[1:3, 1:5:2], "expanded": base[1:2].expand(3, 2), "scalar": base[7],
        "empty": torch.empty(0, 3), "permuted": base.view(2, 3, 4).permute(1, 2, 0), "weight": weight, "tied": weight,
    })

    save("values.pt", {
        "int": 3, "negative": -70000, "big": 2**70, "negativeBig": -2**70, "safe": 2**53 - 1, "float": 0.1, "inf": float("inf"),
        "text": "h\u00e9llo \U0001f525", "none": None, "yes": True, "no": False, "list": [1, [2, "x"]], "tuple": (1, 2, 3, 4),
        "size": torch.Size([2, 3]), "dtype": torch.float32, "device": torch.device("cuda", 1), "bytes": b"\x00\xff",
        "set": {7}, "ordered": collections.OrderedDict([("b", 1), ("a", 2)]), "byNumber": {0: "zero", 1: "one"},
    })

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    save("state-dict.pt", model.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    save("training.pt", {"epoch": 5, "model": model.state_dict(), "optimizer": optimizer.state_dict()})
    for protocol in (3, 4, 5):
        save(f"protocol{protocol}.pt", {"weight": torch.ones(2), "name": "x", "big": 2**70, "tuple": (1, 2)}, pickle_protocol=protocol)

    found, lacking = whole_models()
    assert not lacking, lacking
    save("modules.pt", found)
    save("attributes.pt", Offset())
    from safetensors.torch import save_file

    numbers["scalar"] = torch.tensor(7.0)
    numbers["empty"] = torch.empty(0, 3)
    numbers["a \u00e9 \"name\""] = torch.arange(6, dtype=torch.float32).view(2, 3)
    save_file(numbers, os.path.join(here, "numbers.safetensors"), metadata={"format": "pt"})

    def no_source(*_):
        raise OSError("the sources of the layers, which such a file carries, are left out")

    torch.serialization.get_source_lines_and_file = no_source
    legacy = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU())
    save("legacy-module.pt", {"module": legacy, "text": str(legacy), "tied": legacy[0].weight}, _use_new_zipfile_serialization=False)
    save("legacy.pt", {"weight": torch.ones(2)}, _use_new_zipfile_serialization=False)
    with unittest.mock.patch.object(sys, "byteorder", "big"):  # such machines swap all numbers, and say what they are
        save("legacy-big.pt", {"weight": torch.tensor([1.0, 2.0])}, _use_new_zipfile_serialization=False)
    save("int8.pt", {"weight": torch.ones(2, dtype=torch.int8)})


if __name__ == "__main__":
    command, *args = sys.argv[1:] or [None]
    if command == "--check":
        check(*args)
    elif command == "--check-modules":
        records = load_whole(args[0])
        check_modules(records)
        print(f"{len(records)} modules written here are the same in PyTorch {torch.__version__}")
    elif command == "--write-modules":
        write_modules(*args)
    elif command == "--check-network":
        check_network(*args)
    elif command == "--check-large":
        check_large(*args)
    elif command == "--write-large":
        write_large(*args)
    elif command == "--about":
        print(json.dumps(about()))
    else:
        write()
