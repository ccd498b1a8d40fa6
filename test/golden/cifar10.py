"""Writes cifar10/data-pN.pkl: two pictures as Python 3 pickles them in protocol N. `../shared/tools/torch-env python3 test/golden/cifar10.py`"""
import os
import pickle

import numpy

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cifar10")
os.makedirs(folder, exist_ok=True)
data = (numpy.arange(2 * 3072) * 7 % 251).astype(numpy.uint8).reshape(2, 3072)
for protocol in (2, 3, 4, 5):
    with open(os.path.join(folder, f"data-p{protocol}.pkl"), "wb") as f:
        pickle.dump({b"batch_label": b"one of one", b"labels": [3, 9], b"data": data, b"filenames": [b"a.png", b"b.png"]}, f, protocol)
