"""onnxruntime as a peer of the bench: inference of the networks, exported from PyTorch."""
import os
import sys
import tempfile

import onnxruntime
import torch

from peer import serve
from torch_peer import network


def prepare(spec, threads):
    if spec["kind"] != "model" or spec["mode"] != "inference":
        return None
    model, shape = network(spec["model"])
    x = torch.rand(spec["batch"], *shape)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        torch.onnx.export(model.eval(), (x,), path, dynamo=False)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = {session.get_inputs()[0].name: x.numpy()}
    return [lambda: session.run(None, inputs)]


if sys.argv[1:]:
    sys.exit("onnxruntime does not train")
serve(prepare)
