"""A network of the bench as an ONNX file: `onnx_file.py SPEC FILE` writes it and prints the shape of its input."""
import json
import sys

import torch

from torch_peer import network


def write(spec, file):
    """Gives the input that the network was exported with."""
    model, shape = network(spec["model"])
    x = torch.rand(spec["batch"], *shape)
    torch.onnx.export(model.eval(), (x,), file, dynamo=False)
    return x


if __name__ == "__main__":
    print(json.dumps(write(json.loads(sys.argv[1]), sys.argv[2]).shape))
