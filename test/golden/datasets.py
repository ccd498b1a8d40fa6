"""Writes datasets.json: what torchvision's data sets and PIL make of pictures, seeds and folders.

    ../shared/tools/torch-env python3 test/golden/datasets.py
"""
import base64
import gzip
import hashlib
import io
import json
import os
import tempfile

import numpy
import torch
from PIL import Image
from torchvision import datasets, transforms

here = os.path.dirname(os.path.abspath(__file__))


def text(data):
    return base64.b64encode(data).decode()


def pattern(height, width, channels, top=255):
    """Smooth ramps, each channel in another direction."""
    y, x, c = numpy.ogrid[:height, :width, :channels]
    waves = numpy.sin(x / 3 + c) + numpy.cos(y / 2 - c) + numpy.sin((x + y) / 5)
    return numpy.round((waves + 3) / 6 * top)


def files():
    """Picture files by name, of every kind that folders of pictures hold."""
    rgb = Image.fromarray(pattern(9, 12, 3).astype("u1"))
    rgba = Image.fromarray(pattern(9, 12, 4).astype("u1"))
    grey = Image.fromarray(pattern(9, 12, 1)[..., 0].astype("u1"))
    photo = Image.fromarray(pattern(33, 41, 3).astype("u1"))
    cmyk = Image.fromarray(pattern(16, 16, 4).astype("u1"), mode="CMYK")
    turned = Image.Exif()
    turned[0x0112] = 6
    palette = rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=7)
    saved = {
        "rgb.png": (rgb, {}),
        "rgba.png": (rgba, {}),
        "grey.png": (grey, {}),
        "grey-alpha.png": (rgba.convert("LA"), {}),
        "palette.png": (palette, {}),
        "transparent-palette.png": (palette, {"transparency": 2}),
        "one-bit.png": (grey.convert("1"), {}),
        "rgb.bmp": (rgb, {}),
        "grey.bmp": (grey, {}),
        "rgb.ppm": (rgb, {}),
        "grey.pgm": (grey, {}),
        "rgb.tif": (rgb, {}),
        "lzw.tiff": (rgb, {"compression": "tiff_lzw"}),
        "lossless.webp": (rgb, {"lossless": True}),
        "lossy.webp": (photo, {"quality": 80}),
        "420.jpg": (photo, {"quality": 85, "subsampling": "4:2:0"}),
        "422.jpg": (photo, {"quality": 85, "subsampling": "4:2:2"}),
        "444.jpeg": (photo, {"quality": 95, "subsampling": "4:4:4"}),
        "progressive.jpg": (photo, {"quality": 85, "progressive": True}),
        "grey.jpg": (grey, {"quality": 90}),
        "cmyk.jpg": (cmyk, {"quality": 95}),
        "turned.jpg": (photo, {"quality": 85, "exif": turned}),
        "turned.tif": (rgb, {"exif": turned}),
    }
    formats = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".ppm": "PPM", ".pgm": "PPM", ".tif": "TIFF",
               ".tiff": "TIFF", ".webp": "WEBP"}
    for name, (image, options) in saved.items():
        out = io.BytesIO()
        image.save(out, formats[os.path.splitext(name)[1]], **options)
        yield name, out.getvalue()
    yield "sixteen-bit.png", png16(pattern(9, 12, 3, 65535).astype(">u2"), 2)
    yield "grey-sixteen-bit.png", png16(pattern(9, 12, 1, 65535).astype(">u2"), 0)


def png16(pixels, kind):
    """A PNG of 16 bits a channel, which PIL does not write in colour."""
    import struct
    import zlib

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pictures():
    result = {}
    for name, data in files():
        image = Image.open(io.BytesIO(data))
        mode = image.mode
        if name == "grey-sixteen-bit.png":
            # PIL cuts everything above 255 off; what is wanted is the high byte.
            wide = numpy.asarray(image).astype("u2")
            pixels = numpy.repeat((wide >> 8).astype("u1")[..., None], 3, 2)
        else:
            pixels = numpy.asarray(image.convert("RGB"))
        result[name] = {"mode": mode, "file": text(data), "shape": pixels.shape, "rgb": text(pixels.tobytes())}
    return result


def fake():
    """Pictures and classes of FakeData for sizes on both sides of 16, where the normal numbers are drawn otherwise."""
    rows = []
    for size, classes, offset, indices in [((3, 5, 7), 10, 0, [0, 1, 999]), ((1, 2, 2), 3, 0, [0, 4]),
                                           ((4, 4, 4), 1000, 123456, [2]), ((2, 3, 3), 2, 7, [5])]:
        dataset = datasets.FakeData(1000, size, classes, random_offset=offset)
        for index in indices:
            image, target = dataset[index]
            rows.append({"imageSize": size, "numClasses": classes, "randomOffset": offset, "index": index,
                         "data": numpy.asarray(image).flatten().tolist(), "target": target})
    return rows


def folders():
    """How torchvision orders and names what lies in a tree of folders."""
    tree = ["b/2.png", "b/10.png", "b/B.PNG", "b/z/1.jpg", "b/z-y/1.jpg", "b/z/a/0.webp", "b/notes.txt",
            "a/\uff5e.png", "a/\U0001d11e.png", "a/e\u0301.png", "A/1.tiff", "a b/x.jpeg", "a.b/x.bmp"]
    with tempfile.TemporaryDirectory() as root:
        for name in tree:
            os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
            open(os.path.join(root, name), "w").close()
        os.makedirs(os.path.join(root, "empty"))

        def error(**options):
            try:
                datasets.ImageFolder(root, **options)
            except FileNotFoundError as problem:
                return str(problem)

        dataset = datasets.ImageFolder(root, allow_empty=True)
        samples = [[os.path.relpath(path, root), target] for path, target in dataset.samples]
        return {"tree": tree, "classes": dataset.classes, "samples": samples, "error": error(),
                "filtered": error(is_valid_file=lambda path: path.endswith(".txt"))}


def reprs():
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, "a"))
        open(os.path.join(root, "a", "1.png"), "w").close()
        folder = datasets.ImageFolder(root, transform=transforms.ToTensor(), target_transform=transform)
        return {"FakeData": repr(datasets.FakeData()), "FakeData transformed": repr(datasets.FakeData(5, transform=transform)),
                "ImageFolder": repr(folder).replace(root, "ROOT"), "EMNIST classes": datasets.EMNIST.classes_split_dict,
                **{f"{kind.__name__} classes": kind.classes
                   for kind in (datasets.MNIST, datasets.FashionMNIST, datasets.KMNIST)}}


def mnist():
    """Digests of the real part of MNIST that lies beside the project, and torchvision's text of it."""
    source = os.environ.get("MNIST_SUBSET", "../shared/data/mnist-subset")
    result = {}
    with tempfile.TemporaryDirectory() as root:
        raw = os.path.join(root, "MNIST", "raw")
        os.makedirs(raw)
        for name in os.listdir(source):
            with gzip.open(os.path.join(source, name)) as packed, open(os.path.join(raw, name[:-3]), "wb") as file:
                file.write(packed.read())
        for train in (True, False):
            dataset = datasets.MNIST(root, train, transform=transforms.ToTensor())
            digest = hashlib.sha256(dataset.data.numpy().tobytes() + bytes(dataset.targets.tolist())).hexdigest()
            result["train" if train else "test"] = {"text": repr(dataset).replace(root, "ROOT"), "sha256": digest,
                                                    "sum": dataset[7][0].sum().item(), "target": dataset[7][1]}
    return result


def main():
    torch.set_num_threads(1)
    golden = {"pictures": pictures(), "fake": fake(), "folders": folders(), "texts": reprs(), "mnist": mnist()}
    with open(os.path.join(here, "datasets.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
