"""The tutorial's training step in PyTorch. Reads `threads batch steps` on standard input, answers each with the steps' seconds."""
import json
import sys
import time

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
loss = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
print(torch.__version__, flush=True)
for line in sys.stdin:
    threads, batch, steps = map(int, line.split())
    torch.set_num_threads(threads)
    images, targets = torch.rand(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        result = loss(model(images), targets)
        optimizer.zero_grad()
        result.backward()
        optimizer.step()
        result.item()
        times.append(time.perf_counter() - start)
    print(json.dumps(times), flush=True)
