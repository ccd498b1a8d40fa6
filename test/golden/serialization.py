"""Writes the checkpoints of serialization/ with PyTorch; `--check FILE` reads a file of ours.

    ../shared/tools/torch-env python3 test/golden/serialization.py
    ../shared/tools/torch-env python3 test/golden/serialization.py --check FILE
"""
import collections
import os
import sys
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

    save("whole-model.pt", torch.nn.Linear(1, 1))
    save("legacy.pt", {"weight": torch.ones(2)}, _use_new_zipfile_serialization=False)
    save("int8.pt", {"weight": torch.ones(2, dtype=torch.int8)})


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        check(sys.argv[2])
    else:
        write()
