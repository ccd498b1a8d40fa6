"""PyTorch's side of bench/loader.mjs: reads CIFAR-10's binary records from its input and prints the samples per second
of each pass with the given number of workers, and how long the first batch took."""
import json
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

workers, passes = int(sys.argv[1]), int(sys.argv[2])
records = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(-1, 3073)


class Pictures(Dataset):
    """As torchvision's CIFAR10: an array of all pictures, of which each becomes one of PIL's when it is asked for."""

    def __init__(self, transform):
        self.transform = transform
        self.targets = records[:, 0].tolist()
        self.data = np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.data[index])), self.targets[index]


transform = transforms.Compose(
    [
        transforms.RandomCrop(32, padding=4),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize([0.4914, 0.4822, 0.4465], [0.247, 0.243, 0.261]),
    ]
)
torch.set_num_threads(1)
options = {"num_workers": workers, "persistent_workers": workers > 0}
loader = DataLoader(Pictures(transform), batch_size=64, shuffle=True, **options)
speeds, first = [], None
for _ in range(passes + 1):
    start = time.perf_counter()
    samples = 0
    for pictures, _targets in loader:
        first = first or time.perf_counter() - start
        samples += len(pictures)
    speeds.append(samples / (time.perf_counter() - start))
print(json.dumps({"speeds": speeds[1:], "first": first * 1000}))
