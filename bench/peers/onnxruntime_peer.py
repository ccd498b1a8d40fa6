"""onnxruntime as a peer of the bench: inference of the networks, exported from PyTorch."""
import os
import sys
import tempfile

if sys.argv[1:]:
    sys.exit("onnxruntime does not train")  # before the imports, which take seconds

import onnxruntime

from onnx_file import write
from peer import serve


def prepare(spec, threads):
    if spec["kind"] != "model" or spec["mode"] != "inference":
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        x = write(spec, path)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = {session.get_inputs()[0].name: x.numpy()}
    return [lambda: session.run(None, inputs)]


serve(prepare)
