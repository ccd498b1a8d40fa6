"""Writes the pickled CIFAR-10 files of cifar10/, each as another Python and NumPy would; torchvision reads them back.

    ../shared/tools/torch-env python3 test/golden/cifar10.py

Picture i of a file with number f has the label (3 f + i) % 10 and in channel c, row y, column x the byte
(37 f + 11 i + 85 c + 5 y + x // 8) % 256.
"""
import gzip
import hashlib
import io
import os
import pickle
import struct
import tarfile
import tempfile

import numpy
import torchvision

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cifar10")
names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
counts = [3, 2, 2, 2, 2, 3]


def contents(number, count):
    """The labels and the N x 3072 bytes of a file."""
    i, c, y, x = numpy.ogrid[:count, :3, :32, :32]
    pictures = (37 * number + 11 * i + 85 * c + 5 * y + x // 8) % 256
    return [(3 * number + k) % 10 for k in range(count)], pictures.astype("u1").reshape(count, 3072)


def python2(labels, data):
    """The opcodes that Python 2's cPickle writes: byte strings, memo after each, numpy.core.multiarray."""
    out, memo = io.BytesIO(), [0]

    def put():
        memo[0] += 1
        return b"q" + bytes([memo[0]])

    def string(text):
        size = b"U" + bytes([len(text)]) if len(text) < 256 else b"T" + struct.pack("<I", len(text))
        return size + text + put()

    def integer(n):
        return b"K" + bytes([n]) if n < 256 else b"J" + struct.pack("<i", n)

    def name(module, attribute):
        return b"c" + module + b"\n" + attribute + b"\n" + put()

    out.write(b"\x80\x02}" + put() + b"(" + string(b"data"))
    out.write(name(b"numpy.core.multiarray", b"_reconstruct") + name(b"numpy", b"ndarray"))
    out.write(b"K\x00\x85" + put() + string(b"b") + b"\x87" + put() + b"R" + put())
    out.write(b"(K\x01" + integer(data.shape[0]) + integer(data.shape[1]) + b"\x86" + put())
    out.write(name(b"numpy", b"dtype") + string(b"u1") + b"K\x00K\x01\x87" + put() + b"R" + put())
    out.write(b"(K\x03" + string(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t" + put() + b"b\x89")
    out.write(string(data.tobytes()) + b"t" + put() + b"b")
    out.write(string(b"labels") + b"]" + put() + b"(" + b"".join(map(integer, labels)) + b"e")
    out.write(string(b"batch_label") + string(b"training batch 1 of 5"))
    out.write(string(b"filenames") + b"]" + put() + b"(")
    out.write(b"".join(string(b"picture_%d.png" % i) for i in range(len(labels))) + b"eu.")
    return out.getvalue()


def python3(labels, data, protocol, numpy2=False):
    """The same dict from this Python; `numpy2` names the modules as NumPy 2 does."""
    batch = {b"batch_label": b"training batch 1 of 5", b"labels": labels, b"data": data,
             b"filenames": [b"picture_%d.png" % i for i in range(len(labels))]}
    result = pickle.dumps(batch, protocol)
    old, new = b"numpy.core.", b"numpy._core."
    if not numpy2:
        return result.replace(new, old) if protocol < 4 else rename(result, new, old)
    return result.replace(old, new) if protocol < 4 else rename(result, old, new)


def rename(pickled, old, new):
    """Replaces the beginning of a module's name, whose length protocol 4 writes before it, and drops the frame."""
    at = pickled.find(old)
    if at >= 0:
        size = pickled[at - 1] + len(new) - len(old)
        pickled = pickled[:at - 1] + bytes([size]) + new + pickled[at + len(old):]
    assert pickled[2:3] == b"\x95"
    return pickled[:2] + pickled[11:]


def check(files, folder):
    """torchvision finds in the files what `contents` says."""
    os.makedirs(os.path.join(folder, "cifar-10-batches-py"))
    names_file = pickle.dumps({"label_names": list("abcdefghij")}, 2)
    for name, data in [*files.items(), ("batches.meta", names_file)]:
        with open(os.path.join(folder, "cifar-10-batches-py", name), "wb") as file:
            file.write(data)

    class Ours(torchvision.datasets.CIFAR10):
        train_list = [[name, hashlib.md5(files[name]).hexdigest()] for name in names[:5]]
        test_list = [[name, hashlib.md5(files[name]).hexdigest()] for name in names[5:]]
        meta = {"filename": "batches.meta", "key": "label_names", "md5": hashlib.md5(names_file).hexdigest()}

    for train in (True, False):
        dataset = Ours(folder, train=train)
        wanted = [contents(f + 1, counts[f]) for f in (range(5) if train else [5])]
        assert dataset.targets == sum((labels for labels, _ in wanted), [])
        pictures = numpy.concatenate([data for _, data in wanted])
        assert (dataset.data.transpose(0, 3, 1, 2).reshape(-1, 3072) == pictures).all()


def write(name, data):
    with open(os.path.join(here, name), "wb") as file:
        file.write(data)


def main():
    os.makedirs(here, exist_ok=True)
    files = {name: python2(*contents(f + 1, counts[f])) for f, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as folder:
        check(files, folder)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    write("cifar-10-python.tar.gz", gzip.compress(raw.getvalue(), mtime=0))

    labels, data = contents(1, 2)
    for protocol in (2, 3, 4, 5):
        write(f"protocol{protocol}.gz", gzip.compress(python3(labels, data, protocol), mtime=0))
        write(f"protocol{protocol}-numpy2.gz", gzip.compress(python3(labels, data, protocol, True), mtime=0))
    write("fortran.gz", gzip.compress(python3(labels, numpy.asfortranarray(data), 2), mtime=0))
    write("float.gz", gzip.compress(python3(labels, data.astype("f4"), 2), mtime=0))


if __name__ == "__main__":
    main()
