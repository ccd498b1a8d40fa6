"""Fills transforms.json with what torchvision's transforms make of small pictures: `npm run golden -- transforms`."""
import json
import os

import numpy as np
import torch
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import functional as F
from torchvision.transforms._presets import ImageClassification

here = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
modes = T.InterpolationMode


def picture(kind, c, h, w):
    """The pictures of test/vision/transforms/transforms.test.ts."""
    words = [((i + 1) * 2654435761 % 2**32) >> 16 for i in range(h * w * c)]
    data = np.array([word >> 8 for word in words], dtype=np.uint8).reshape(h, w, c)
    if kind == "image":
        return Image.fromarray(data[:, :, 0] if c == 1 else data)
    if kind == "uint8":
        return torch.from_numpy(data).permute(2, 0, 1).contiguous()
    return (torch.tensor(words, dtype=torch.float64).reshape(h, w, c).permute(2, 0, 1) / 2**16).to(getattr(torch, kind)).contiguous()


def plain(value):
    """Type, shape and numbers, channels first."""
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    image = isinstance(value, Image.Image)
    x = F.pil_to_tensor(value) if image else value
    numbers = x.flatten().tolist()
    if x.is_floating_point():
        numbers = [float(f"{v:.7g}") for v in numbers]
    return {"dtype": "image" if image else str(x.dtype)[6:], "shape": list(x.shape), "values": numbers}


BOTH = [("image", 3, 7, 9), ("uint8", 3, 7, 9), ("float32", 3, 8, 6)]
TENSORS = [("uint8", 3, 7, 9), ("float32", 3, 8, 6)]
SMALL = [("image", 1, 2, 2), ("uint8", 1, 1, 1)]
IMAGES = [("image", 1, 7, 9), ("image", 3, 12, 10), ("image", 4, 7, 9)]
COLOURS = [*BOTH, ("image", 2, 3, 4), ("image", 4, 3, 4), ("uint8", 1, 3, 4), ("image", 1, 3, 4)]

# In JavaScript and in Python, and the pictures.
ROWS = [
    ("new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5, 0.4, 0.25], [0.5, 1, 2])])", "T.Compose([T.ToTensor(), T.Normalize([0.5, 0.4, 0.25], [0.5, 1, 2])])", [("image", 3, 7, 9)]),
    ("new transforms.Compose([])", "T.Compose([])", [("uint8", 1, 2, 2)]),
    ("new transforms.ToTensor()", "T.ToTensor()", [("image", 1, 3, 2), ("image", 3, 7, 9), ("image", 4, 2, 3)]),
    ("new transforms.PILToTensor()", "T.PILToTensor()", [("image", 1, 3, 2), ("image", 3, 7, 9)]),
    ("new transforms.ToPILImage()", "T.ToPILImage()", [("uint8", 1, 3, 2), ("float32", 3, 3, 2), ("uint8", 4, 2, 2), ("float16", 3, 5, 6), ("float64", 3, 5, 6)]),
    ("new transforms.ConvertImageDtype('float32')", "T.ConvertImageDtype(torch.float32)", [("uint8", 3, 3, 2), ("float64", 3, 3, 2)]),
    ("new transforms.ConvertImageDtype('uint8')", "T.ConvertImageDtype(torch.uint8)", [("float32", 3, 3, 2), ("float64", 3, 3, 2), ("uint8", 3, 3, 2)]),
    ("new transforms.ConvertImageDtype('int32')", "T.ConvertImageDtype(torch.int32)", [("float64", 3, 3, 2), ("uint8", 3, 3, 2)]),
    ("(x) => functional.convertImageDtype(functional.convertImageDtype(x, 'int32'), 'uint8')", "lambda x: F.convert_image_dtype(F.convert_image_dtype(x, torch.int32), torch.uint8)", [("uint8", 3, 3, 2)]),
    ("(x) => functional.convertImageDtype(functional.convertImageDtype(x, 'int64'), 'int32')", "lambda x: F.convert_image_dtype(F.convert_image_dtype(x, torch.int64), torch.int32)", [("uint8", 3, 3, 2)]),
    ("new transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])", "T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])", [("float32", 3, 7, 9), ("float64", 3, 2, 2)]),
    ("new transforms.Normalize([0], [1e-5])", "T.Normalize([0], [1e-5])", [("float32", 3, 2, 2)]),
    ("new transforms.Resize(5)", "T.Resize(5)", BOTH),
    ("new transforms.Resize([5])", "T.Resize([5])", [("uint8", 3, 7, 9)]),
    ("new transforms.Resize([11, 4])", "T.Resize([11, 4])", BOTH),
    ("new transforms.Resize(5, { maxSize: 6 })", "T.Resize(5, max_size=6)", BOTH),
    ("new transforms.Resize(7)", "T.Resize(7)", [("uint8", 3, 7, 9)]),
    ("new transforms.Resize([5, 6], { interpolation: 'bicubic' })", "T.Resize([5, 6], modes.BICUBIC)", BOTH),
    ("new transforms.Resize([9, 13], { interpolation: 'bicubic', antialias: false })", "T.Resize([9, 13], modes.BICUBIC, antialias=False)", TENSORS),
    ("new transforms.Resize([3, 4], { antialias: false })", "T.Resize([3, 4], antialias=False)", TENSORS),
    ("new transforms.Resize([5, 12], { interpolation: 'nearest' })", "T.Resize([5, 12], modes.NEAREST)", BOTH),
    ("new transforms.Resize([5, 12], { interpolation: 'nearest-exact' })", "T.Resize([5, 12], modes.NEAREST_EXACT)", BOTH),
    ("new transforms.Resize([5, 12], { interpolation: 'lanczos' })", "T.Resize([5, 12], modes.LANCZOS)", IMAGES),
    ("new transforms.Resize([5, 12], { interpolation: 'box' })", "T.Resize([5, 12], modes.BOX)", IMAGES),
    ("new transforms.Resize([5, 12], { interpolation: 'hamming' })", "T.Resize([5, 12], modes.HAMMING)", IMAGES),
    ("new transforms.Resize([9, 4])", "T.Resize([9, 4])", IMAGES),
    ("new transforms.CenterCrop(4)", "T.CenterCrop(4)", BOTH),
    ("new transforms.CenterCrop([6, 12])", "T.CenterCrop([6, 12])", BOTH),
    ("new transforms.CenterCrop([10])", "T.CenterCrop([10])", BOTH),
    ("new transforms.Pad(2)", "T.Pad(2)", BOTH),
    ("new transforms.Pad([1, 2], { fill: 7 })", "T.Pad([1, 2], fill=7)", BOTH),
    ("new transforms.Pad([1, 0, 2, 3], { paddingMode: 'edge' })", "T.Pad([1, 0, 2, 3], padding_mode='edge')", BOTH),
    ("new transforms.Pad([3, 4, 0, 1], { paddingMode: 'reflect' })", "T.Pad([3, 4, 0, 1], padding_mode='reflect')", BOTH),
    ("new transforms.Pad([3], { paddingMode: 'symmetric' })", "T.Pad([3], padding_mode='symmetric')", BOTH),
    ("new transforms.Pad(1, { fill: [7, 8, 9] })", "T.Pad(1, fill=[7, 8, 9])", [("image", 3, 2, 3)]),
    ("(x) => functional.pad(x, 11, { paddingMode: 'reflect' })", "lambda x: F.pad(x, 11, padding_mode='reflect')", [("image", 3, 3, 4)]),
    ("(x) => functional.pad(x, [-2, 1, 1, -3])", "lambda x: F.pad(x, [-2, 1, 1, -3])", TENSORS),
    ("(x) => functional.pad(x, [-2, 1, 1, -3], { paddingMode: 'symmetric' })", "lambda x: F.pad(x, [-2, 1, 1, -3], padding_mode='symmetric')", BOTH),
    ("(x) => functional.pad(x, [1, 6, 2, -3], { paddingMode: 'reflect' })", "lambda x: F.pad(x, [1, 6, 2, -3], padding_mode='reflect')", [("image", 3, 6, 5)]),
    ("(x) => functional.pad(x, [6, -2, -4, 3], { paddingMode: 'symmetric' })", "lambda x: F.pad(x, [6, -2, -4, 3], padding_mode='symmetric')", BOTH[:1]),
    ("(x) => functional.pad(x, [1, -8, 0, 4], { paddingMode: 'edge' })", "lambda x: F.pad(x, [1, -8, 0, 4], padding_mode='edge')", [("uint8", 3, 6, 5)]),
    ("(x) => functional.crop(x, 1, 2, 4, 5)", "lambda x: F.crop(x, 1, 2, 4, 5)", BOTH),
    ("(x) => functional.crop(x, -2, 5, 6, 9)", "lambda x: F.crop(x, -2, 5, 6, 9)", BOTH),
    ("(x) => functional.crop(x, 20, -30, 2, 3)", "lambda x: F.crop(x, 20, -30, 2, 3)", BOTH),
    ("(x) => functional.hflip(x)", "F.hflip", BOTH),
    ("(x) => functional.vflip(x)", "F.vflip", BOTH),
    ("new transforms.presets.ImageClassification({ cropSize: 5, resizeSize: 6 })", "ImageClassification(crop_size=5, resize_size=6)", BOTH),
    ("new transforms.presets.ImageClassification({ cropSize: 6, resizeSize: 6, mean: [0.5, 0.5, 0.5], std: [0.25, 0.5, 1], interpolation: 'bicubic', antialias: false })", "ImageClassification(crop_size=6, resize_size=6, mean=(0.5, 0.5, 0.5), std=(0.25, 0.5, 1), interpolation=modes.BICUBIC, antialias=False)", BOTH),
    ("new transforms.FiveCrop([3, 4])", "T.FiveCrop([3, 4])", BOTH[:2]),
    ("new transforms.FiveCrop(3)", "T.FiveCrop(3)", BOTH[:1]),
    ("new transforms.TenCrop(3)", "T.TenCrop(3)", BOTH[:2]),
    ("new transforms.TenCrop([2, 3], { verticalFlip: true })", "T.TenCrop([2, 3], vertical_flip=True)", BOTH[:2]),
    ("(x) => functional.resizedCrop(x, 1, 2, 4, 5, [6, 3])", "lambda x: F.resized_crop(x, 1, 2, 4, 5, [6, 3])", BOTH),
    ("new transforms.RandomCrop(4)", "T.RandomCrop(4)", BOTH),
    ("new transforms.RandomCrop([5, 6], { padding: [1, 2], fill: 3 })", "T.RandomCrop([5, 6], padding=[1, 2], fill=3)", BOTH),
    ("new transforms.RandomCrop([9, 11], { padIfNeeded: true, paddingMode: 'reflect' })", "T.RandomCrop([9, 11], pad_if_needed=True, padding_mode='reflect')", BOTH),
    ("new transforms.RandomCrop([7, 9])", "T.RandomCrop([7, 9])", BOTH[:2]),
    ("new transforms.RandomResizedCrop(5)", "T.RandomResizedCrop(5)", BOTH),
    ("new transforms.RandomResizedCrop([4, 6], { scale: [0.5, 0.75], ratio: [0.9, 1.1], interpolation: 'bicubic', antialias: false })", "T.RandomResizedCrop([4, 6], (0.5, 0.75), (0.9, 1.1), modes.BICUBIC, antialias=False)", BOTH),
    ("new transforms.RandomResizedCrop(4, { scale: [2, 3] })", "T.RandomResizedCrop(4, (2.0, 3.0))", BOTH),
    ("new transforms.RandomResizedCrop(4, { scale: [0.9, 1], ratio: [2, 3] })", "T.RandomResizedCrop(4, (0.9, 1.0), (2.0, 3.0))", BOTH),
    ("new transforms.RandomResizedCrop(4, { scale: [0.9, 1], ratio: [0.25, 0.5] })", "T.RandomResizedCrop(4, (0.9, 1.0), (0.25, 0.5))", BOTH),
    ("new transforms.RandomHorizontalFlip()", "T.RandomHorizontalFlip()", BOTH),
    ("new transforms.RandomHorizontalFlip(0.75)", "T.RandomHorizontalFlip(0.75)", BOTH),
    ("new transforms.RandomVerticalFlip()", "T.RandomVerticalFlip()", BOTH),
    ("new transforms.RandomVerticalFlip(0.75)", "T.RandomVerticalFlip(0.75)", BOTH),
    ("new transforms.Compose([new transforms.RandomHorizontalFlip(), new transforms.RandomVerticalFlip(), new transforms.RandomCrop(3)])", "T.Compose([T.RandomHorizontalFlip(), T.RandomVerticalFlip(), T.RandomCrop(3)])", BOTH),
    ("new transforms.Lambda((x) => functional.hflip(x))", "T.Lambda(F.hflip)", BOTH[:1]),
    ("new transforms.RandomApply([new transforms.CenterCrop(3), new transforms.Pad(1)])", "T.RandomApply([T.CenterCrop(3), T.Pad(1)])", BOTH[:2]),
    ("new transforms.RandomApply([new transforms.CenterCrop(3)], { p: 0.6 })", "T.RandomApply([T.CenterCrop(3)], p=0.6)", BOTH[:2]),
    ("new transforms.RandomOrder([new transforms.CenterCrop(3)])", "T.RandomOrder([T.CenterCrop(3)])", BOTH[:2]),
    ("new transforms.RandomChoice([new transforms.CenterCrop(3), new transforms.Pad(1)], { p: [0, 1] })", "T.RandomChoice([T.CenterCrop(3), T.Pad(1)], p=[0, 1])", BOTH[:2]),
    ("new transforms.RandomChoice([new transforms.CenterCrop(3)])", "T.RandomChoice([T.CenterCrop(3)])", BOTH[:1]),
    ("(x) => functional.adjustBrightness(x, 0)", "lambda x: F.adjust_brightness(x, 0)", COLOURS),
    ("(x) => functional.adjustBrightness(x, 0.3)", "lambda x: F.adjust_brightness(x, 0.3)", COLOURS),
    ("(x) => functional.adjustBrightness(x, 1.7)", "lambda x: F.adjust_brightness(x, 1.7)", COLOURS),
    ("(x) => functional.adjustContrast(x, 0)", "lambda x: F.adjust_contrast(x, 0)", COLOURS),
    ("(x) => functional.adjustContrast(x, 0.3)", "lambda x: F.adjust_contrast(x, 0.3)", COLOURS),
    ("(x) => functional.adjustContrast(x, 1.7)", "lambda x: F.adjust_contrast(x, 1.7)", COLOURS),
    ("(x) => functional.adjustSaturation(x, 0)", "lambda x: F.adjust_saturation(x, 0)", COLOURS),
    ("(x) => functional.adjustSaturation(x, 0.3)", "lambda x: F.adjust_saturation(x, 0.3)", COLOURS),
    ("(x) => functional.adjustSaturation(x, 1.7)", "lambda x: F.adjust_saturation(x, 1.7)", COLOURS),
    ("(x) => functional.adjustHue(x, -0.5)", "lambda x: F.adjust_hue(x, -0.5)", BOTH),
    ("(x) => functional.adjustHue(x, -0.2)", "lambda x: F.adjust_hue(x, -0.2)", BOTH),
    ("(x) => functional.adjustHue(x, 0.07)", "lambda x: F.adjust_hue(x, 0.07)", BOTH),
    ("(x) => functional.adjustHue(x, 0.5)", "lambda x: F.adjust_hue(x, 0.5)", BOTH),
    ("(x) => functional.adjustHue(x, 0.3)", "lambda x: F.adjust_hue(x, 0.3)", [("image", 1, 2, 3), ("image", 2, 2, 3), ("image", 4, 4, 5), ("uint8", 1, 2, 3), ("float64", 3, 4, 5)]),
    ("(x) => functional.adjustGamma(x, 0.5)", "lambda x: F.adjust_gamma(x, 0.5)", BOTH),
    ("(x) => functional.adjustGamma(x, 2.2, 1.3)", "lambda x: F.adjust_gamma(x, 2.2, 1.3)", [*BOTH, ("image", 2, 2, 3), ("image", 4, 2, 3)]),
    ("(x) => functional.invert(x)", "F.invert", BOTH),
    ("(x) => functional.solarize(x, 100)", "lambda x: F.solarize(x, 100)", BOTH[:2]),
    ("(x) => functional.solarize(x, 0.4)", "lambda x: F.solarize(x, 0.4)", BOTH[2:]),
    ("new transforms.Grayscale()", "T.Grayscale()", COLOURS),
    ("new transforms.Grayscale(3)", "T.Grayscale(3)", BOTH),
    ("new transforms.RandomGrayscale()", "T.RandomGrayscale()", BOTH),
    ("new transforms.RandomGrayscale(0.75)", "T.RandomGrayscale(0.75)", BOTH),
    ("new transforms.ColorJitter()", "T.ColorJitter()", BOTH[:2]),
    ("new transforms.ColorJitter({ brightness: 0.4, contrast: 1.5, saturation: [0.5, 2], hue: 0.2 })", "T.ColorJitter(0.4, 1.5, (0.5, 2), 0.2)", BOTH),
    ("new transforms.ColorJitter({ contrast: 0.5, hue: [-0.1, 0.3] })", "T.ColorJitter(contrast=0.5, hue=(-0.1, 0.3))", BOTH),
    ("new transforms.Compose([new transforms.ColorJitter({ brightness: 0.4 }), new transforms.RandomCrop(3)])", "T.Compose([T.ColorJitter(brightness=0.4), T.RandomCrop(3)])", BOTH),
    ("(x) => functional.rotate(x, 0)", "lambda x: F.rotate(x, 0)", BOTH),
    ("(x) => functional.rotate(x, 90)", "lambda x: F.rotate(x, 90)", BOTH),
    ("(x) => functional.rotate(x, 180, { interpolation: 'bilinear' })", "lambda x: F.rotate(x, 180, modes.BILINEAR)", BOTH),
    ("(x) => functional.rotate(x, 270, { expand: true })", "lambda x: F.rotate(x, 270, expand=True)", BOTH),
    ("(x) => functional.rotate(x, 33)", "lambda x: F.rotate(x, 33)", BOTH),
    ("(x) => functional.rotate(x, -47, { interpolation: 'bilinear', fill: [7, 8, 9] })", "lambda x: F.rotate(x, -47, modes.BILINEAR, fill=[7, 8, 9])", BOTH),
    ("(x) => functional.rotate(x, 21, { interpolation: 'bilinear', expand: true, fill: 5 })", "lambda x: F.rotate(x, 21, modes.BILINEAR, expand=True, fill=5)", BOTH[:1]),
    ("(x) => functional.rotate(x, 21, { interpolation: 'bilinear', expand: true, fill: [5] })", "lambda x: F.rotate(x, 21, modes.BILINEAR, expand=True, fill=[5])", BOTH[1:]),
    ("(x) => functional.rotate(x, 21, { center: [2, 3], fill: [5] })", "lambda x: F.rotate(x, 21, center=[2, 3], fill=[5])", BOTH),
    ("(x) => functional.rotate(x, 400, { interpolation: 'bicubic', expand: true })", "lambda x: F.rotate(x, 400, modes.BICUBIC, expand=True)", IMAGES),
    *((f"(x) => functional.rotate(x, {angle}, {{ interpolation: 'bilinear', expand: true, fill: 9 }})", f"lambda x: F.rotate(x, {angle}, modes.BILINEAR, expand=True, fill=9)", [("image", 3, 2, 5), ("image", 4, 4, 3)]) for angle in [90, -180, -90, 360]),
    ("(x) => functional.rotate(x, 270)", "lambda x: F.rotate(x, 270)", [("image", 3, 4, 4), ("image", 3, 4, 5)]),
    ("(x) => functional.rotate(x, 180, { center: [1, 2] })", "lambda x: F.rotate(x, 180, center=[1, 2])", [("image", 3, 4, 5)]),
    ("(x) => functional.affine(x, 10, [1, -2], 1.2, 5)", "lambda x: F.affine(x, 10, [1, -2], 1.2, 5)", BOTH),
    ("(x) => functional.affine(x, -70, [0, 1], 0.7, [5, -8], { interpolation: 'bilinear', fill: [3], center: [1, 4] })", "lambda x: F.affine(x, -70, [0, 1], 0.7, [5, -8], modes.BILINEAR, fill=[3], center=[1, 4])", BOTH),
    ("(x) => functional.affine(x, 0, [2, 1], 1.3, [0], { interpolation: 'bicubic' })", "lambda x: F.affine(x, 0, [2, 1], 1.3, [0], modes.BICUBIC)", IMAGES),
    ("(x) => functional.affine(x, 0, [1, 0], 0.8, 0)", "lambda x: F.affine(x, 0, [1, 0], 0.8, 0)", BOTH),
    ("(x) => functional.perspective(x, [[0, 0], [8, 0], [8, 6], [0, 6]], [[1, 2], [7, 0], [8, 5], [2, 6]])", "lambda x: F.perspective(x, [[0, 0], [8, 0], [8, 6], [0, 6]], [[1, 2], [7, 0], [8, 5], [2, 6]])", BOTH),
    ("(x) => functional.perspective(x, [[0, 0], [8, 0], [8, 6], [0, 6]], [[1, 2], [7, 0], [8, 5], [2, 6]], { interpolation: 'nearest', fill: [1, 2, 3] })", "lambda x: F.perspective(x, [[0, 0], [8, 0], [8, 6], [0, 6]], [[1, 2], [7, 0], [8, 5], [2, 6]], modes.NEAREST, fill=[1, 2, 3])", BOTH),
    ("new transforms.RandomRotation(30)", "T.RandomRotation(30)", BOTH),
    ("new transforms.RandomRotation([20, 80], { interpolation: 'bilinear', expand: true, center: [3, 2], fill: 9 })", "T.RandomRotation([20, 80], modes.BILINEAR, True, [3, 2], 9)", BOTH),
    ("new transforms.RandomAffine(30)", "T.RandomAffine(30)", BOTH),
    ("new transforms.RandomAffine([-10, 40], { translate: [0.2, 0.3], scale: [0.8, 1.5], shear: 10, interpolation: 'bilinear', fill: [1, 2, 3] })", "T.RandomAffine([-10, 40], [0.2, 0.3], [0.8, 1.5], 10, modes.BILINEAR, [1, 2, 3])", BOTH),
    ("new transforms.RandomAffine(0, { shear: [1, 9, -5, 5], center: [1, 2] })", "T.RandomAffine(0, shear=[1, 9, -5, 5], center=[1, 2])", BOTH),
    ("new transforms.RandomPerspective()", "T.RandomPerspective()", BOTH),
    ("new transforms.RandomPerspective({ distortionScale: 0.8, p: 1, interpolation: 'nearest', fill: 4 })", "T.RandomPerspective(0.8, 1, modes.NEAREST, 4)", BOTH),
    ("(x) => functional.gaussianBlur(x, 3)", "lambda x: F.gaussian_blur(x, 3)", BOTH),
    ("(x) => functional.gaussianBlur(x, [5, 3], [0.7, 1.9])", "lambda x: F.gaussian_blur(x, [5, 3], [0.7, 1.9])", BOTH),
    ("new transforms.GaussianBlur(3)", "T.GaussianBlur(3)", BOTH),
    ("new transforms.GaussianBlur([5, 3], [0.5, 1.5])", "T.GaussianBlur([5, 3], [0.5, 1.5])", BOTH),
    ("new transforms.GaussianBlur([3], 0.75)", "T.GaussianBlur([3], 0.75)", BOTH[1:]),
    ("new transforms.RandomErasing({ p: 0.25 })", "T.RandomErasing(0.25)", TENSORS),
    ("new transforms.RandomErasing()", "T.RandomErasing()", TENSORS),
    ("new transforms.RandomErasing({ p: 1, scale: [0.1, 0.5], ratio: [0.5, 2], value: 'random' })", "T.RandomErasing(1, [0.1, 0.5], [0.5, 2], 'random')", TENSORS[1:]),
    ("new transforms.RandomErasing({ p: 1, value: [1, 2, 3], inplace: true })", "T.RandomErasing(1, value=[1, 2, 3], inplace=True)", TENSORS),
    ("new transforms.RandomErasing({ p: 1, scale: [1, 1] })", "T.RandomErasing(1, [1, 1])", TENSORS),
    ("(x) => functional.posterize(x, 3)", "lambda x: F.posterize(x, 3)", BOTH[:2]),
    ("(x) => functional.posterize(x, 0)", "lambda x: F.posterize(x, 0)", BOTH[:2]),
    ("(x) => functional.autocontrast(x)", "F.autocontrast", BOTH + SMALL),
    ("(x) => functional.equalize(x)", "F.equalize", [("image", 3, 20, 30), ("uint8", 1, 30, 20)] + SMALL),
    ("(x) => functional.adjustSharpness(x, 0.4)", "lambda x: F.adjust_sharpness(x, 0.4)", BOTH + SMALL),
    ("(x) => functional.adjustSharpness(x, 2)", "lambda x: F.adjust_sharpness(x, 2)", BOTH),
    ("new transforms.RandomInvert()", "T.RandomInvert()", BOTH),
    ("new transforms.RandomPosterize(4, { p: 0.75 })", "T.RandomPosterize(4, 0.75)", BOTH[:2]),
    ("new transforms.RandomSolarize(0.5, { p: 1 })", "T.RandomSolarize(0.5, 1)", BOTH[2:]),
    ("new transforms.RandomSolarize(300, { p: 1 })", "T.RandomSolarize(300, 1)", BOTH[:1]),
    ("new transforms.RandomAdjustSharpness(2)", "T.RandomAdjustSharpness(2)", BOTH),
    ("new transforms.RandomAutocontrast(0.6)", "T.RandomAutocontrast(0.6)", BOTH),
    ("new transforms.RandomEqualize(1)", "T.RandomEqualize(1)", [("uint8", 1, 20, 20)]),
    ("new transforms.ElasticTransform({ sigma: 0.5, alpha: 20 })", "T.ElasticTransform(20.0, 0.5)", BOTH),
    ("new transforms.ElasticTransform({ sigma: [0.3, 0.7], alpha: [30, 10], interpolation: 'nearest', fill: [1, 2, 3] })", "T.ElasticTransform([30.0, 10.0], [0.3, 0.7], modes.NEAREST, [1, 2, 3])", BOTH),
    ("new transforms.LinearTransformation(tensor([[0.5, 0.25], [-1, 2]]), tensor([0.5, 1]))", "T.LinearTransformation(torch.tensor([[0.5, 0.25], [-1, 2]]), torch.tensor([0.5, 1]))", [("float32", 1, 1, 2)]),
]


def rows():
    for js, py, pictures in ROWS:
        transform = eval(py)
        results = []
        for kind, *shape in pictures:
            torch.manual_seed(7)
            results.append({"kind": kind, "shape": shape, "result": plain(transform(picture(kind, *shape)))})
        text = None if js.startswith("(") else str(transform)
        describe = transform.describe() if hasattr(transform, "describe") else None
        yield {"js": js, "text": text, "describe": describe, "results": results}


with open(os.path.join(here, "transforms.json"), "w") as f:
    json.dump(list(rows()), f, separators=(",", ":"))
    f.write("\n")
