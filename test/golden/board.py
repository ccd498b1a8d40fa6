"""Writes board/, event files by PyTorch's SummaryWriter and TensorBoard's own reading of them: ../shared/tools/torch-env python3 test/golden/board.py

This needs TensorBoard, which torch-env does not have: `pip install --target build/python --no-deps tensorboard protobuf absl-py werkzeug markupsafe markdown bleach webencodings`.
"""
import glob
import json
import os
import shutil
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../../build/python"))
try:
    import tensorboard
except ImportError:
    print("board.py: there is no TensorBoard, so the files stay as they are")
    sys.exit()

import numpy as np
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins import base_plugin
from tensorboard.plugins.pr_curve import pr_curves_plugin
from tensorboard.util import tensor_util
from torch import nn
from torch.utils.tensorboard import SummaryWriter

out = os.path.join(here, "board")
time = 1.7e9


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        return self.head(self.body(x))


def write():
    shutil.rmtree(out, ignore_errors=True)
    writer = SummaryWriter(f"{out}/first")
    for step in range(10):
        writer.add_scalar("loss/train", 1 / (step + 1), step, walltime=time + step)
    writer.add_scalar("new", torch.tensor(0.25), 3, walltime=time, new_style=True)
    writer.add_scalar("double", 0.1, 3, walltime=time, new_style=True, double_precision=True)
    values = torch.arange(32, dtype=torch.float32) / 16 - 1
    for step in range(3):
        writer.add_histogram("weight", values * (step + 1), step, bins=8, walltime=time + step)
        writer.add_image("picture", torch.full((3, 2, 4), step / 2), step, walltime=time + step)
    writer.add_text("note", "a **bold** text", 1, walltime=time)
    writer.add_audio("tone", values.reshape(1, -1), 1, 8000, walltime=time)
    writer.add_pr_curve("curve", torch.tensor([0, 1]), torch.tensor([0.2, 0.9]), 1, 3, walltime=time)
    writer.add_graph(Net(), torch.ones(5, 4))
    writer.add_hparams({"lr": 0.1, "optimizer": "sgd", "bias": True}, {"hparam/loss": 0.5}, run_name="trial")
    writer.close()
    # A training that resumes, in a file of its own.
    for purge, steps in ((None, range(8)), (5, range(5, 7))):
        writer = SummaryWriter(f"{out}/resumed", purge_step=purge)
        for step in steps:
            writer.add_scalar("loss", step if purge is None else -step, step, walltime=time + step)
        writer.close()
    # Curves of a model that gets better; the last thresholds are above all predictions.
    writer = SummaryWriter(f"{out}/sweep")
    labels = (torch.arange(24) % 3 == 0).int()
    noise = torch.rand(24)
    for step in range(3):
        predictions = (labels * step * 0.2 + noise * (0.9 - step * 0.2)).clamp(0, 0.9)
        writer.add_pr_curve("pr/third", labels, predictions, 10 * step, 21, np.full(24, 0.5) if step == 2 else None, walltime=time + step)
    writer.close()
    for i, path in enumerate(sorted(glob.glob(f"{out}/**/*tfevents*", recursive=True))):
        os.rename(path, os.path.join(os.path.dirname(path), f"events.out.tfevents.{1700000000 + i}.pytorch"))


plugin = pr_curves_plugin.PrCurvesPlugin(base_plugin.TBContext())


def read(run):
    events = EventAccumulator(f"{out}/{run}", {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}).Reload()
    tags = events.Tags()
    return {
        "scalars": {tag: [[e.step, e.wall_time, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "tensors": {tag: [[e.step, tensor_util.make_ndarray(e.tensor_proto).reshape(-1).tolist()] for e in events.Tensors(tag)] for tag in tags["tensors"] if tag in ("new", "double")},
        "curves": {tag: [plugin._make_pr_entry(e.step, e.wall_time, tensor_util.make_ndarray(e.tensor_proto)) for e in events.Tensors(tag)] for tag in tags["tensors"] if tag in ("curve", "pr/third")},
        "histograms": {tag: [[e.step, e.histogram_value.num, e.histogram_value.bucket_limit, e.histogram_value.bucket] for e in events.Histograms(tag)] for tag in tags["histograms"]},
        "images": {tag: [[e.step, e.width, e.height, len(e.encoded_image_string)] for e in events.Images(tag)] for tag in tags["images"]},
        "nodes": [[node.name, node.op, list(node.input)] for node in events.Graph().node] if tags["graph"] else [],
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    write()
    made = {run: read(run) for run in ("first", "resumed", "sweep")}
    with open(f"{out}/tensorboard.json", "w") as file:
        json.dump(made, file, separators=(",", ":"))
