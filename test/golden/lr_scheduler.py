"""Fills lr-scheduler.json with the rates and momenta that PyTorch's schedulers set step by step, and lr-schedulers.pt with their states in
between; `--check FILE` goes on from the states in a file of ours: ../shared/tools/torch-env python3 test/golden/lr_scheduler.py
"""
import copy
import json
import os
import sys
import warnings

import torch
from torch.optim import lr_scheduler

here = os.path.dirname(os.path.abspath(__file__))
warnings.simplefilter("ignore")

STEPS = 24
SAVED = 7  # the step at which the states are saved
FUNCTIONS = {"inverse": lambda epoch: 1 / (1 + 0.3 * epoch), "steps": lambda epoch: 0.9 if epoch % 3 else 1.05, "wave": lambda x: 1 / (0.7 + x)}
LOSSES = [3.0, 2.5, 2.5, 2.49, float("nan"), 2.6, 2.7, 2.0, 2.1, 2.2, 2.3, 1.9999, 2.4, 2.5, 2.6, 1.0, 1.1, 1.2, 1.3, float("inf"), 0.5, 0.49, 0.48, 0.47]


def case(name, *args, optimizer="SGD", **options):
    return {"class": name, "args": list(args), "options": options, "optimizer": optimizer}


CASES = [
    case("StepLR", 3),
    case("StepLR", 1, gamma=0.7),
    case("StepLR", 5, gamma=1.3),
    case("MultiStepLR", [2, 9, 9, 4, 20], gamma=0.3),
    case("MultiStepLR", [0, 1]),
    case("ConstantLR"),
    case("ConstantLR", factor=0.7, total_iters=1),
    case("ConstantLR", factor=0.1, total_iters=0),
    case("LinearLR"),
    case("LinearLR", start_factor=0.05, end_factor=0.8, total_iters=17),
    case("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=10),
    case("LinearLR", start_factor=0.3, total_iters=0),
    case("ExponentialLR", 0.93),
    case("PolynomialLR"),
    case("PolynomialLR", total_iters=13, power=2.5),
    case("PolynomialLR", total_iters=40, power=0.5),
    case("CosineAnnealingLR", 10),
    case("CosineAnnealingLR", 7, eta_min=0.001),
    case("CosineAnnealingLR", 1, eta_min=0.01),
    case("CosineAnnealingLR", 50),
    case("CosineAnnealingWarmRestarts", 5),
    case("CosineAnnealingWarmRestarts", 3, T_mult=2, eta_min=0.002),
    case("CosineAnnealingWarmRestarts", 1, T_mult=3),
    case("LambdaLR", "inverse"),
    case("LambdaLR", ["inverse", "steps"]),
    case("MultiplicativeLR", "steps"),
    case("MultiplicativeLR", ["steps", "inverse"]),
    case("CyclicLR", 0.01, 0.1, step_size_up=4),
    case("CyclicLR", [0.01, 0.002], [0.1, 0.3], step_size_up=3, step_size_down=5, mode="triangular2", base_momentum=[0.7, 0.75], max_momentum=0.95),
    case("CyclicLR", 0.01, 0.1, step_size_up=3, mode="exp_range", gamma=0.97, cycle_momentum=False),
    case("CyclicLR", 0.01, 0.1, step_size_up=2, step_size_down=3, scale_fn="wave", scale_mode="iterations", optimizer="Adam"),
    case("CyclicLR", 0.01, 0.1, step_size_up=2, scale_fn="wave"),
    case("OneCycleLR", 0.1, total_steps=24),
    case("OneCycleLR", [0.1, 0.5], epochs=5, steps_per_epoch=6, pct_start=0.4, anneal_strategy="linear", div_factor=10.0, final_div_factor=100.0),
    case("OneCycleLR", 0.1, total_steps=30, three_phase=True, base_momentum=0.8, max_momentum=[0.9, 0.99], optimizer="Adam"),
    case("OneCycleLR", 0.1, total_steps=25, pct_start=0.0, cycle_momentum=False, optimizer="Adadelta"),
    case("ReduceLROnPlateau", patience=1),
    case("ReduceLROnPlateau", mode="max", factor=0.5, patience=2, threshold=0.1, cooldown=2, min_lr=[0.1, 0.001]),
    case("ReduceLROnPlateau", factor=0.6, patience=0, threshold=0.05, threshold_mode="abs", min_lr=0.01, eps=0.02),
    case("ReduceLROnPlateau", mode="max", patience=0, threshold=0.2, threshold_mode="abs"),
    case("SequentialLR", [case("ConstantLR", factor=0.1, total_iters=2), case("ExponentialLR", 0.9)], [4]),
    case("SequentialLR", [case("LinearLR", total_iters=5), case("CosineAnnealingLR", 8, eta_min=0.01), case("MultiStepLR", [0, 2]), case("StepLR", 2)], [5, 13, 19]),
    case("SequentialLR", [case("LinearLR", total_iters=3), case("PolynomialLR", total_iters=9), case("LambdaLR", "inverse"), case("CosineAnnealingWarmRestarts", 2)], [3, 10, 17]),
    case("SequentialLR", [case("ChainedScheduler", [case("ConstantLR"), case("ExponentialLR", 0.9)]), case("StepLR", 4)], [9]),
    case("SequentialLR", [case("SequentialLR", [case("StepLR", 2), case("ExponentialLR", 0.8)], [4]), case("ConstantLR")], [11]),
    case("SequentialLR", [case("MultiplicativeLR", "steps"), case("LinearLR", start_factor=0.2)], [6]),
    case("ChainedScheduler", [case("ConstantLR", factor=0.1, total_iters=3), case("ExponentialLR", 0.9), case("StepLR", 5, gamma=0.5)]),
    case("ChainedScheduler", [case("CosineAnnealingLR", 6), case("LinearLR", start_factor=0.1, total_iters=9)]),
]


def optimizer_of(spec):
    params = [torch.nn.Parameter(torch.zeros(2)) for _ in range(2)]
    groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.03}]
    options = {"momentum": 0.9} if spec["optimizer"] == "SGD" else {}
    return getattr(torch.optim, spec["optimizer"])(groups, lr=0.5, **options)


def functions(value):
    if isinstance(value, list):
        return [functions(v) for v in value]
    return FUNCTIONS.get(value, value) if isinstance(value, str) else value


def scheduler_of(spec, optimizer):
    args, options = copy.deepcopy(spec["args"]), {k: functions(v) for k, v in spec["options"].items()}
    kind = getattr(lr_scheduler, spec["class"])
    if spec["class"] in ("SequentialLR", "ChainedScheduler"):
        parts = [scheduler_of(part, optimizer) for part in args[0]]
        return kind(optimizer, parts, args[1]) if len(args) > 1 else kind(parts)
    return kind(optimizer, *[functions(a) if spec["class"] in ("LambdaLR", "MultiplicativeLR") else a for a in args], **options)


def step(spec, scheduler, at):
    if spec["class"] == "ReduceLROnPlateau":
        scheduler.step(LOSSES[at])
    else:
        scheduler.step()


def seen(optimizer):
    """The rates of the groups, and their momenta where there are some."""
    groups = optimizer.param_groups
    return [g["lr"] for g in groups] + [g["momentum"] if "momentum" in g else g["betas"][0] for g in groups if "rho" not in g]


def run():
    rows, states = [], []
    for spec in CASES:
        optimizer = optimizer_of(spec)
        scheduler = scheduler_of(spec, optimizer)
        row = {**spec, "rates": [seen(optimizer)]}
        for at in range(STEPS):
            if at == SAVED:
                states.append({"optimizer": copy.deepcopy(optimizer.state_dict()), "scheduler": copy.deepcopy(scheduler.state_dict())})
            optimizer.step()
            step(spec, scheduler, at)
            row["rates"].append(seen(optimizer))
        rows.append(row)
    return rows, states


def check(path):
    """Loads the states of a file of ours into schedulers of the same kinds, and compares how they go on."""
    rows, _ = run()
    states = torch.load(path, weights_only=True)
    assert len(states) == len(rows)
    for spec, row, state in zip(CASES, rows, states):
        optimizer = optimizer_of(spec)
        scheduler = scheduler_of(spec, optimizer)
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        for at in range(SAVED, STEPS):
            optimizer.step()
            step(spec, scheduler, at)
            for a, b in zip(seen(optimizer), row["rates"][at + 1]):
                assert abs(a - b) <= 1e-12 * abs(b) + 1e-17, (spec, at, a, b)
    print(f"{len(rows)} schedulers go on from the states of {path}")


if len(sys.argv) > 2 and sys.argv[1] == "--check":
    check(sys.argv[2])
else:
    rows, states = run()
    torch.save(states, os.path.join(here, "lr-schedulers.pt"))
    with open(os.path.join(here, "lr-scheduler.json"), "w") as f:
        json.dump({"losses": [str(loss) for loss in LOSSES], "saved": SAVED, "cases": rows}, f, separators=(",", ":"))
        f.write("\n")
