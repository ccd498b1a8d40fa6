"""Fills train.json: losses of the tutorial's network on the real pictures of ../shared/data/cifar10-subset, in order and shuffled."""
import glob
import json
import os

import numpy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
files = sorted(glob.glob(os.path.join(here, "../../../shared/data/cifar10-subset/**/data_batch_*.bin"), recursive=True))
records = numpy.concatenate([numpy.fromfile(f, dtype=numpy.uint8).reshape(-1, 3073) for f in files])
dataset = TensorDataset(torch.tensor(records[:, 1:]).reshape(-1, 3, 32, 32).float() / 255, torch.tensor(records[:, 0]).long())


def losses(shuffle, epochs):
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    out = []
    for _ in range(epochs):
        for images, targets in DataLoader(dataset, batch_size=64, shuffle=shuffle):
            loss = nn.functional.cross_entropy(model(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            out.append(loss.item())
    return {step: round(out[step - 1], 6) for step in (1, 2, 3, 4, 5, 10, 50, 73, 146) if step <= len(out)}


with open(os.path.join(here, "train.json"), "w") as f:
    json.dump({"inOrder": losses(False, 1), "shuffled": losses(True, 2)}, f, indent=1)
    f.write("\n")
