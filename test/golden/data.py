"""Fills data.json with the indices of PyTorch's samplers, splits and loaders: `npm run golden -- data`."""
import json
import os

import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
    random_split,
)

here = os.path.dirname(os.path.abspath(__file__))
WEIGHTS = [0.1, 3, 0, 0.7, 2, 0.05, 1]


def passes(iterable, seed=0):
    """Two passes after the seed, and what the global generator draws next."""
    torch.manual_seed(seed)
    made = [list(iterable), list(iterable)]
    return {"passes": made, "next": torch.rand(1).item()}


def loaded(**options):
    torch.manual_seed(1)
    loader = DataLoader(range(10), **options)
    made = [[batch.tolist() for batch in loader] for _ in range(2)]
    return {"passes": made, "next": torch.rand(1).item()}


def distributed(n, rank, epoch=0, **options):
    sampler = DistributedSampler(range(n), num_replicas=3, rank=rank, **options)
    sampler.set_epoch(epoch)
    return [len(sampler), list(sampler)]


def split(n, lengths):
    torch.manual_seed(5)
    return [list(part.indices) for part in random_split(range(n), lengths)]


golden = {
    "samplers": {
        "random": passes(RandomSampler(range(11))),
        "random, more": passes(RandomSampler(range(5), num_samples=13)),
        "random, fewer": passes(RandomSampler(range(9), num_samples=4)),
        "random, replacement": passes(RandomSampler(range(7), replacement=True, num_samples=70)),
        "subset": passes(SubsetRandomSampler([30, 10, 50, 20])),
        "weighted": passes(WeightedRandomSampler(WEIGHTS, 20)),
        "weighted, one": passes(WeightedRandomSampler(WEIGHTS, 1)),
        "weighted, no replacement": passes(WeightedRandomSampler(WEIGHTS, 5, replacement=False)),
        "batches": passes(BatchSampler(RandomSampler(range(7)), 3, False)),
    },
    "loaders": {
        "shuffle": loaded(batch_size=4, shuffle=True),
        "sampler": loaded(batch_size=4, sampler=SubsetRandomSampler([1, 3, 5, 7, 9])),
    },
    "distributed": {
        "plain": [distributed(11, rank) for rank in range(3)],
        "epoch": [distributed(11, rank, epoch=4, seed=2) for rank in range(3)],
        "drop": [distributed(11, rank, drop_last=True, shuffle=False) for rank in range(3)],
        "few": [distributed(1, rank) for rank in range(3)],
    },
    "splits": {"lengths": split(10, [3, 7]), "fractions": split(11, [0.3, 0.3, 0.4]), "thirds": split(8, [1 / 3] * 3)},
}
with open(os.path.join(here, "data.json"), "w") as out:
    json.dump(golden, out)
