"""Fills nn.json with PyTorch's layers, texts and initial values: ../shared/tools/torch-env python3 test/golden/nn.py"""
import json
import math
import os

import torch
import torch.nn.functional as F
from torch import nn

here = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)


def values(shape, seed):
    """Multiples of 2^-32 in (-1, 1), as test/nn/golden.ts makes them."""
    raw = [(((i + 1) * 2654435761 + seed * 40503) % 2**32) / 2**32 * 2 - 1 for i in range(math.prod(shape))]
    return torch.tensor(raw, dtype=torch.float64).reshape(shape)


def compact(t):
    return [float(f"{v:.12g}") for v in t.detach().double().flatten().tolist()]


# Layer in JavaScript, in Python, shape of the input.
LAYERS = [
    ("new nn.Linear(5, 3)", "nn.Linear(5, 3)", [7, 5]),
    ("new nn.Linear(5, 3, { bias: false })", "nn.Linear(5, 3, bias=False)", [2, 3, 5]),
    ("new nn.Linear(1, 1)", "nn.Linear(1, 1)", [1]),
    ("new nn.Conv2d(3, 4, 3)", "nn.Conv2d(3, 4, 3)", [2, 3, 7, 5]),
    ("new nn.Conv2d(3, 4, 3)", "nn.Conv2d(3, 4, 3)", [3, 5, 5]),
    ("new nn.Conv2d(2, 3, [1, 3], { stride: [2, 1], padding: [0, 1], bias: false })", "nn.Conv2d(2, 3, (1, 3), stride=(2, 1), padding=(0, 1), bias=False)", [1, 2, 5, 7]),
    ("new nn.Conv2d(4, 6, 3, { groups: 2, dilation: 2, padding: 2 })", "nn.Conv2d(4, 6, 3, groups=2, dilation=2, padding=2)", [1, 4, 5, 5]),
    ("new nn.Conv2d(2, 3, 3, { padding: 'same' })", "nn.Conv2d(2, 3, 3, padding='same')", [1, 2, 5, 7]),
    ("new nn.Conv2d(2, 3, [2, 4], { padding: 'same' })", "nn.Conv2d(2, 3, (2, 4), padding='same')", [2, 2, 5, 7]),
    ("new nn.Conv2d(2, 2, [4, 3], { padding: 'same', dilation: [3, 2], groups: 2 })", "nn.Conv2d(2, 2, (4, 3), padding='same', dilation=(3, 2), groups=2)", [1, 2, 9, 7]),
    ("new nn.Conv2d(2, 3, 2, { padding: 'same' })", "nn.Conv2d(2, 3, 2, padding='same')", [2, 3, 5]),
    ("new nn.Conv2d(2, 3, 3, { padding: 'valid', stride: 2 })", "nn.Conv2d(2, 3, 3, padding='valid', stride=2)", [1, 2, 7, 7]),
    ("new nn.MaxPool2d(2)", "nn.MaxPool2d(2)", [2, 3, 7, 5]),
    ("new nn.MaxPool2d([3, 2], { stride: [2, 1], padding: [1, 0], dilation: [1, 2], ceilMode: true })", "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), ceil_mode=True)", [1, 2, 7, 7]),
    ("new nn.MaxPool2d(3, { ceilMode: true })", "nn.MaxPool2d(3, ceil_mode=True)", [1, 1, 5, 5]),
    ("new nn.AvgPool2d(2)", "nn.AvgPool2d(2)", [2, 3, 7, 5]),
    ("new nn.AvgPool2d([3, 2], { stride: [2, 1], padding: [1, 0], ceilMode: true })", "nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 0), ceil_mode=True)", [1, 2, 6, 7]),
    ("new nn.AvgPool2d(3, { padding: 1, countIncludePad: false })", "nn.AvgPool2d(3, padding=1, count_include_pad=False)", [1, 2, 5, 5]),
    ("new nn.AvgPool2d(3, { stride: 1, divisorOverride: 5 })", "nn.AvgPool2d(3, stride=1, divisor_override=5)", [1, 2, 5, 5]),
    ("new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false, divisorOverride: -2 })", "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False, divisor_override=-2)", [1, 1, 6, 6]),
    ("new nn.AdaptiveAvgPool2d(1)", "nn.AdaptiveAvgPool2d(1)", [2, 3, 7, 5]),
    ("new nn.AdaptiveAvgPool2d([3, null])", "nn.AdaptiveAvgPool2d((3, None))", [2, 3, 7, 5]),
    ("new nn.AdaptiveAvgPool2d([2, 7])", "nn.AdaptiveAvgPool2d((2, 7))", [3, 7, 5]),
    ("new nn.Upsample({ scaleFactor: 2 })", "nn.Upsample(scale_factor=2)", [2, 3, 4, 3]),
    ("new nn.Upsample({ size: [5, 7], mode: 'bilinear', alignCorners: true })", "nn.Upsample((5, 7), mode='bilinear', align_corners=True)", [2, 3, 4, 3]),
    ("new nn.Upsample({ scaleFactor: [1.5, 2], mode: 'bicubic', recomputeScaleFactor: true })", "nn.Upsample(scale_factor=(1.5, 2), mode='bicubic', recompute_scale_factor=True)", [1, 2, 3, 5]),
    ("new nn.Upsample({ size: 5, mode: 'linear' })", "nn.Upsample(5, mode='linear')", [2, 3, 4]),
    ("new nn.AdaptiveAvgPool2d(5)", "nn.AdaptiveAvgPool2d(5)", [1, 2, 5, 5]),
    ("new nn.BatchNorm1d(5)", "nn.BatchNorm1d(5)", [4, 5]),
    ("new nn.BatchNorm1d(3, { eps: 0.1, affine: false })", "nn.BatchNorm1d(3, eps=0.1, affine=False)", [2, 3, 5]),
    ("new nn.BatchNorm2d(17)", "nn.BatchNorm2d(17)", [2, 17, 5, 3]),
    ("new nn.BatchNorm2d(3, { momentum: null })", "nn.BatchNorm2d(3, momentum=None)", [1, 3, 5, 40]),
    ("new nn.BatchNorm2d(33).eval()", "nn.BatchNorm2d(33).eval()", [2, 33, 2, 3]),
    ("new nn.BatchNorm2d(3, { trackRunningStats: false }).eval()", "nn.BatchNorm2d(3, track_running_stats=False).eval()", [2, 3, 5, 4]),
    ("new nn.BatchNorm3d(2)", "nn.BatchNorm3d(2)", [2, 2, 3, 2, 3]),
    ("new nn.LayerNorm(5)", "nn.LayerNorm(5)", [3, 5]),
    ("new nn.LayerNorm([3, 17], { eps: 0.1 })", "nn.LayerNorm([3, 17], eps=0.1)", [2, 2, 3, 17]),
    ("new nn.LayerNorm([5], { bias: false })", "nn.LayerNorm([5], bias=False)", [2, 3, 5]),
    ("new nn.LayerNorm(7, { elementwiseAffine: false })", "nn.LayerNorm(7, elementwise_affine=False)", [2, 7]),
    ("new nn.Flatten()", "nn.Flatten()", [3, 2, 5]),
    ("new nn.Flatten(0, 1)", "nn.Flatten(0, 1)", [3, 2, 5]),
    ("new nn.Unflatten(1, [2, 3])", "nn.Unflatten(1, (2, 3))", [3, 6, 5]),
    ("new nn.Unflatten(-1, [-1])", "nn.Unflatten(-1, (-1,))", [3, 5]),
    ("new nn.Identity()", "nn.Identity()", [3, 5]),
    ("new nn.ReLU()", "nn.ReLU()", [3, 5]),
    ("new nn.LeakyReLU()", "nn.LeakyReLU()", [3, 5]),
    ("new nn.LeakyReLU(0.2)", "nn.LeakyReLU(0.2)", [17]),
    ("new nn.ELU()", "nn.ELU()", [3, 5]),
    ("new nn.ELU(1.7)", "nn.ELU(1.7)", [17]),
    ("new nn.GELU()", "nn.GELU()", [3, 11]),
    ("new nn.GELU({ approximate: 'tanh' })", "nn.GELU(approximate='tanh')", [3, 11]),
    ("new nn.SiLU()", "nn.SiLU()", [3, 5]),
    ("new nn.Hardtanh()", "nn.Hardtanh()", [3, 5]),
    ("new nn.Hardtanh(-0.25, 0.5)", "nn.Hardtanh(-0.25, 0.5)", [17]),
    ("new nn.ReLU6()", "nn.ReLU6()", [3, 5]),
    ("new nn.Hardswish()", "nn.Hardswish()", [3, 5]),
    ("new nn.Softplus()", "nn.Softplus()", [3, 5]),
    ("new nn.Softplus({ beta: 2.5, threshold: 1 })", "nn.Softplus(beta=2.5, threshold=1.0)", [17]),
    ("new nn.Sigmoid()", "nn.Sigmoid()", [3, 5]),
    ("new nn.Tanh()", "nn.Tanh()", []),
    ("new nn.Softmax(1)", "nn.Softmax(dim=1)", [3, 5]),
    ("new nn.Softmax(-2)", "nn.Softmax(dim=-2)", [2, 3, 5]),
    ("new nn.LogSoftmax(1)", "nn.LogSoftmax(dim=1)", [3, 5]),
    ("new nn.LogSoftmax(0)", "nn.LogSoftmax(dim=0)", [3, 1, 2]),
    ("new nn.Dropout(0.3).eval()", "nn.Dropout(0.3).eval()", [3, 5]),
    ("new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU({ inplace: true }), new nn.Flatten(), new nn.Linear(18, 3))", "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(18, 3))", [2, 1, 5, 5]),
    ("new nn.Sequential(new nn.Linear(5, 4), new nn.LeakyReLU(0.1, { inplace: true }))", "nn.Sequential(nn.Linear(5, 4), nn.LeakyReLU(0.1, inplace=True))", [3, 5]),
    ("new nn.Sequential(new nn.Linear(5, 4), new nn.ELU(1.5, { inplace: true }))", "nn.Sequential(nn.Linear(5, 4), nn.ELU(1.5, inplace=True))", [3, 5]),
    ("new nn.Sequential(new nn.Linear(5, 4), new nn.SiLU({ inplace: true }))", "nn.Sequential(nn.Linear(5, 4), nn.SiLU(inplace=True))", [3, 5]),
    ("new nn.Sequential(new nn.Linear(5, 4), new nn.ReLU6({ inplace: true }))", "nn.Sequential(nn.Linear(5, 4), nn.ReLU6(inplace=True))", [3, 5]),
    ("new nn.Sequential(new nn.Linear(5, 4), new nn.Hardtanh(-0.5, 0.75, { inplace: true }))", "nn.Sequential(nn.Linear(5, 4), nn.Hardtanh(-0.5, 0.75, inplace=True))", [3, 5]),
    ("new nn.Sequential(new nn.Linear(5, 4), new nn.Hardswish({ inplace: true }))", "nn.Sequential(nn.Linear(5, 4), nn.Hardswish(inplace=True))", [3, 5]),
]

LIST = "nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Sequential(nn.ReLU(), nn.Tanh()), nn.Sequential(nn.ReLU(), nn.Tanh())])"
# Texts of what has no row above.
TEXTS = [
    ("new nn.Dropout()", "nn.Dropout()"),
    ("new nn.Dropout(0.25, { inplace: true })", "nn.Dropout(0.25, inplace=True)"),
    ("new nn.Hardsigmoid()", "nn.Hardsigmoid()"),
    ("new nn.Hardsigmoid({ inplace: true })", "nn.Hardsigmoid(inplace=True)"),
    ("new nn.Hardswish({ inplace: true })", "nn.Hardswish(inplace=True)"),
    ("new nn.ReLU6({ inplace: true })", "nn.ReLU6(inplace=True)"),
    ("new nn.Dropout(0)", "nn.Dropout(0.0)"),
    ("new nn.Dropout(1)", "nn.Dropout(1.0)"),
    ("new nn.MultiheadAttention(6, 3)", "nn.MultiheadAttention(6, 3)"),
    ("new nn.MultiheadAttention(6, 3, { bias: false, kdim: 2 })", "nn.MultiheadAttention(6, 3, bias=False, kdim=2)"),
    ("new nn.Dropout(0.00001)", "nn.Dropout(0.00001)"),
    ("new nn.LeakyReLU(0.00002)", "nn.LeakyReLU(0.00002)"),
    ("new nn.LeakyReLU(0.0002)", "nn.LeakyReLU(0.0002)"),
    ("new nn.ELU(1e16)", "nn.ELU(1e16)"),
    ("new nn.ELU(1e15)", "nn.ELU(1e15)"),
    ("new nn.ELU(Infinity)", "nn.ELU(float('inf'))"),
    ("new nn.Softplus({ beta: 1.5e-7 })", "nn.Softplus(beta=1.5e-7)"),
    ("new nn.L1Loss({ reduction: 'sum' })", "nn.L1Loss(reduction='sum')"),
    ("new nn.MSELoss()", "nn.MSELoss()"),
    ("new nn.CrossEntropyLoss({ labelSmoothing: 0.1 })", "nn.CrossEntropyLoss(label_smoothing=0.1)"),
    ("new nn.Sequential()", "nn.Sequential()"),
    ("new nn.ModuleList()", "nn.ModuleList()"),
    ("new nn.ModuleDict()", "nn.ModuleDict()"),
    ("new nn.ModuleList([new nn.ReLU()])", "nn.ModuleList([nn.ReLU()])"),
    (LIST.replace("nn.", "new nn."), LIST),
    (f"new nn.Sequential({LIST.replace('nn.', 'new nn.')}, new nn.ReLU(), new nn.ReLU())", f"nn.Sequential({LIST}, nn.ReLU(), nn.ReLU())"),
    ("new nn.ModuleDict({ conv: new nn.Conv2d(1, 2, 3), act: new nn.ModuleDict({ relu: new nn.ReLU() }) })", "nn.ModuleDict({'conv': nn.Conv2d(1, 2, 3), 'act': nn.ModuleDict({'relu': nn.ReLU()})})"),
    ("new nn.ModuleDict([['b', new nn.ReLU()], ['7', new nn.Tanh()], ['1', new nn.ELU()]])", "nn.ModuleDict([('b', nn.ReLU()), ('7', nn.Tanh()), ('1', nn.ELU())])"),
    ("new nn.Sequential({ conv: new nn.Conv2d(1, 2, 3), relu: new nn.ReLU() }).append(new nn.Tanh())", "nn.Sequential(OrderedDict([('conv', nn.Conv2d(1, 2, 3)), ('relu', nn.ReLU())])).append(nn.Tanh())"),
    ("new nn.Sequential(new nn.ReLU(), new nn.Tanh(), new nn.ELU()).slice(1)", "nn.Sequential(nn.ReLU(), nn.Tanh(), nn.ELU())[1:]"),
    ("new nn.ModuleList([new nn.ReLU(), new nn.Tanh(), new nn.ELU()]).slice(1)", "nn.ModuleList([nn.ReLU(), nn.Tanh(), nn.ELU()])[1:]"),
    ("new nn.Sequential(new nn.ReLU(), new nn.Tanh()).insert(1, new nn.ELU())", "nn.Sequential(nn.ReLU(), nn.Tanh()).insert(1, nn.ELU())"),
    ("new nn.Sequential(new nn.ReLU()).extend([new nn.ELU(), new nn.Tanh()])", "nn.Sequential(nn.ReLU()).extend([nn.ELU(), nn.Tanh()])"),
]

# Options of MultiheadAttention(6, 3) in JavaScript and in Python, lengths of queries and keys (one for self-attention), batch, masks.
ATTENTIONS = [
    ("{}", {}, [4], 2, []),
    ("{ batchFirst: true }", {"batch_first": True}, [4], 2, ["bool"]),
    ("{ batchFirst: true, bias: false }", {"batch_first": True, "bias": False}, [3, 5], 2, ["bool", "padding"]),
    ("{ kdim: 5, vdim: 7 }", {"kdim": 5, "vdim": 7}, [3, 4], 2, ["float"]),
    ("{ vdim: 4, bias: false }", {"vdim": 4, "bias": False}, [2, 3], None, ["float", "float padding"]),
    ("{}", {}, [4], None, ["heads"]),
    ("{ dropout: 0.4 }", {"dropout": 0.4}, [4], 3, ["padding"]),
    ("{ dropout: 0.4, batchFirst: true }", {"dropout": 0.4, "batch_first": True}, [3, 5], 2, []),
]
# Shapes of query, key, value and mask, and options in JavaScript and in Python.
PRODUCTS = [
    ([[3, 4], [5, 4], [5, 2]], None, "{}", {}),
    ([[2, 3, 4, 5], [2, 3, 6, 5], [2, 3, 6, 7]], None, "{ scale: 0.3 }", {"scale": 0.3}),
    ([[2, 4, 5], [2, 3, 5], [2, 3, 5]], None, "{ isCausal: true }", {"is_causal": True}),
    ([[2, 4, 5], [2, 3, 5], [2, 3, 5]], [4, 3], "{ attnMask: mask }", {}),
    ([[2, 4, 5], [2, 3, 5], [2, 3, 5]], [2, 1, 3], "{ attnMask: mask }", {}),
]

SHAPES = [[3, 4], [5, 3], [4, 4], [2, 3, 3, 2], [8, 5]]
# Filler in JavaScript and in Python.
INITS = [
    ("nn.init.uniform_(x)", "nn.init.uniform_(x)"),
    ("nn.init.uniform_(x, -2, 3.5)", "nn.init.uniform_(x, -2, 3.5)"),
    ("nn.init.normal_(x)", "nn.init.normal_(x)"),
    ("nn.init.normal_(x, 1.5, 0.3)", "nn.init.normal_(x, 1.5, 0.3)"),
    ("nn.init.constant_(x, 0.3)", "nn.init.constant_(x, 0.3)"),
    ("nn.init.ones_(x)", "nn.init.ones_(x)"),
    ("nn.init.zeros_(x)", "nn.init.zeros_(x)"),
    ("nn.init.xavierUniform_(x)", "nn.init.xavier_uniform_(x)"),
    ("nn.init.xavierUniform_(x, 1.7)", "nn.init.xavier_uniform_(x, 1.7)"),
    ("nn.init.xavierNormal_(x)", "nn.init.xavier_normal_(x)"),
    ("nn.init.xavierNormal_(x, 0.2)", "nn.init.xavier_normal_(x, 0.2)"),
    ("nn.init.kaimingUniform_(x)", "nn.init.kaiming_uniform_(x)"),
    ("nn.init.kaimingUniform_(x, { a: 0.3, mode: 'fan_out' })", "nn.init.kaiming_uniform_(x, 0.3, 'fan_out')"),
    ("nn.init.kaimingNormal_(x)", "nn.init.kaiming_normal_(x)"),
    ("nn.init.kaimingNormal_(x, { mode: 'fan_out', nonlinearity: 'relu' })", "nn.init.kaiming_normal_(x, mode='fan_out', nonlinearity='relu')"),
    ("nn.init.kaimingNormal_(x, { nonlinearity: 'tanh' })", "nn.init.kaiming_normal_(x, nonlinearity='tanh')"),
    ("nn.init.truncNormal_(x)", "nn.init.trunc_normal_(x)"),
    ("nn.init.truncNormal_(x, { mean: 0.1, std: 0.02 })", "nn.init.trunc_normal_(x, 0.1, 0.02)"),
    ("nn.init.truncNormal_(x, { mean: 1, std: 2, a: 0, b: 1.5 })", "nn.init.trunc_normal_(x, 1, 2, 0, 1.5)"),
    ("nn.init.truncNormal_(x, { std: 0.01 })", "nn.init.trunc_normal_(x, std=0.01)"),
]
GAINS = [["linear"], ["conv2d"], ["conv_transpose1d"], ["sigmoid"], ["tanh"], ["relu"], ["leaky_relu"], ["leaky_relu", 0.2], ["leaky_relu", 0], ["selu"]]
CLIPS = [(m, p) for p in (2, 1, 3, 0.5, float("inf")) for m in (0.5, 100)]
NORMS = [(p, rows) for p in (2, 1, 3, 1.5, 0.5, 0, -1, -2.5, float("inf"), float("-inf")) for rows in ([[0, 0, 0], [1, 0, -2]], [[0, 0, 0], [0, 0, 0]])]


def python_scope():
    import collections

    return {"nn": nn, "OrderedDict": collections.OrderedDict}


def layers():
    rows = []
    for js, py, shape in LAYERS:
        layer = eval(py, python_scope()).double()
        for i, p in enumerate(layer.parameters()):
            p.data = values(list(p.shape), 20 + i)
        x = values(shape, 1).requires_grad_()
        y = layer(x)
        grads = torch.autograd.grad(y, [x, *layer.parameters()], values(list(y.shape), 9))
        rows.append({"js": js, "shape": shape, "text": str(layer), "result": list(y.shape), "value": compact(y), "grads": [compact(g) for g in grads]})
    return rows


def inits():
    rows = []
    for js, py in INITS:
        row = {"js": js}
        for dtype in (torch.float32, torch.float64):
            torch.manual_seed(3)
            scope = {"nn": nn}
            row[str(dtype)[6:]] = [v for shape in SHAPES for v in compact(eval(py, {**scope, "x": torch.empty(shape, dtype=dtype)}))[:17]]
        rows.append(row)
    return rows


def clips():
    rows = []
    for max_norm, p in CLIPS:
        params = [nn.Parameter(torch.zeros(shape)) for shape in ([], [3], [2, 5], [1])]
        for i, param in enumerate(params[:3]):
            param.grad = values(list(param.shape), i + 1).float()
        total = nn.utils.clip_grad_norm_(params, max_norm, norm_type=p)
        rows.append({"maxNorm": max_norm, "normType": str(p), "total": total.item(), "grads": [compact(q.grad) for q in params[:3]]})
    return rows


def running():
    rows = []
    for momentum in (0.1, 0.7, None):
        layer = nn.BatchNorm2d(3, momentum=momentum)
        for i in range(3):
            layer((values([2, 3, 4, 5], i) * (i + 1) + i).float())
        state = layer.state_dict()
        rows.append({"momentum": momentum, "keys": list(state), "mean": compact(layer.running_mean), "var": compact(layer.running_var), "batches": layer.num_batches_tracked.item()})
    return rows


def blocked(shape, seed):
    """A bool mask that leaves each row something."""
    mask = values(shape, seed) > 0.2
    mask[..., 0] = False
    return mask


def attentions():
    rows = []
    for js, options, lengths, batch, masks in ATTENTIONS:
        torch.manual_seed(4)
        layer = nn.MultiheadAttention(6, 3, **options)
        initial = {key: compact(value)[:4] for key, value in layer.state_dict().items()}
        layer = layer.double()
        l, s = lengths[0], lengths[-1]
        place = (lambda n, e: [n, e]) if batch is None else (lambda n, e: [batch, n, e]) if layer.batch_first else (lambda n, e: [n, batch, e])
        shapes = [place(l, 6)] if len(lengths) == 1 else [place(l, 6), place(s, layer.kdim), place(s, layer.vdim)]
        inputs = [values(shape, 11 + i).requires_grad_() for i, shape in enumerate(shapes)]
        made = {
            "bool": ("attnMask", blocked([l, s], 31)),
            "heads": ("attnMask", values([3 * (batch or 1), l, s], 32)),
            "float": ("attnMask", values([l, s], 33)),
            "padding": ("keyPaddingMask", blocked([batch or 1, s], 34)),
            "float padding": ("keyPaddingMask", values([s], 35)),
        }
        given = dict(made[mask] for mask in masks)
        names = {"attnMask": "attn_mask", "keyPaddingMask": "key_padding_mask"}
        row = {"js": js, "shapes": shapes, "initial": initial, "masks": {key: {"shape": list(m.shape), "dtype": str(m.dtype)[6:], "values": compact(m)} for key, m in given.items()}, "calls": []}
        for call, flags in (("{}", {}), ("{ averageAttnWeights: false }", {"average_attn_weights": False}), ("{ needWeights: false }", {"need_weights": False})):
            torch.manual_seed(5)
            x = inputs * 3 if len(inputs) == 1 else inputs
            y, weights = layer(*x, **{names[key]: m for key, m in given.items()}, **flags)
            leaves = [*inputs, *layer.parameters()] if call == "{}" else []
            grads = torch.autograd.grad(y, leaves, values(list(y.shape), 9)) if leaves else []
            row["calls"].append({"options": call, "shape": list(y.shape), "value": compact(y), "weights": weights is not None and {"shape": list(weights.shape), "value": compact(weights)}, "grads": [compact(g) for g in grads]})
        rows.append(row)
    return rows


def products():
    rows = []
    for shapes, mask, js, options in PRODUCTS:
        inputs = [values(shape, 41 + i).requires_grad_() for i, shape in enumerate(shapes)]
        kinds = [None] if mask is None else [values(mask, 44), ~blocked(mask, 45), torch.zeros(mask, dtype=torch.bool)]
        for kind in kinds:
            y = F.scaled_dot_product_attention(*inputs, attn_mask=kind, **options)
            grads = torch.autograd.grad(y, inputs, values(list(y.shape), 9))
            rows.append({"js": js, "shapes": shapes, "mask": kind is not None and {"shape": mask, "dtype": str(kind.dtype)[6:], "values": compact(kind)}, "shape": list(y.shape), "value": compact(y), "grads": [compact(g) for g in grads]})
    return rows


def norms():
    rows = []
    for p, data in NORMS:
        x = torch.tensor(data, dtype=torch.float64, requires_grad=True)
        y = torch.linalg.vector_norm(x, p, dim=1)
        if p != 0:
            y.backward(torch.tensor([3.0, 5.0], dtype=torch.float64))
        rows.append({"p": str(p), "data": data, "value": compact(y), "grad": [] if p == 0 else compact(x.grad)})
    return rows


out = {
    "layers": layers(),
    "texts": [{"js": js, "text": str(eval(py, python_scope()))} for js, py in TEXTS],
    "shapes": SHAPES,
    "inits": inits(),
    "gains": [{"arguments": g, "gain": nn.init.calculate_gain(*g)} for g in GAINS],
    "clips": clips(),
    "norms": norms(),
    "attentions": attentions(),
    "products": products(),
    "running": running(),
}
with open(os.path.join(here, "nn.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"), allow_nan=False)
