// PyTorch's layers and ours: how each is made from the attributes that Python keeps of it, and how those are written.
import type { Pair } from '../functional/layers.js';
import type { Reduction } from '../functional/loss.js';
import * as nn from '../nn/index.js';
import { NonDynamicallyQuantizableLinear } from '../nn/layers/linear.js';
import type { Attributes } from './attributes.js';
import { PythonFloat, PythonTuple } from './python.js';

// biome-ignore lint/suspicious/noExplicitAny: classes of modules with any constructor.
export type ModuleClass<M extends nn.AnyModule = nn.AnyModule> = abstract new (...args: any[]) => M;

/** A class of modules in both worlds. */
export interface Layer<M extends nn.AnyModule = nn.AnyModule> {
  readonly class: ModuleClass<M>;
  /** The class in Python. */
  readonly python: string;
  /** The module that the attributes describe, its tensors still to come. */
  read(attributes: Attributes): M;
  /** Python's attributes of the module, besides its tensors and children. */
  write(module: M): Record<string, unknown>;
  /** Tensors that Python has as None where they are null here. */
  readonly parameters?: readonly string[];
  readonly buffers?: readonly string[];
}

/** A row of the table. */
export const row = <M extends nn.AnyModule>(layer: Layer<M>): Layer => layer as unknown as Layer;

/** A number that Python has as a float. */
export const float = (value: number): PythonFloat => new PythonFloat(value);
/** Values that Python has as a tuple. */
export const tuple = (values: readonly unknown[]): PythonTuple => new PythonTuple(values);
const given = (pair: Pair): unknown => (typeof pair === 'number' ? pair : tuple(pair));

/** A layer without attributes. */
const plain = (type: new () => nn.AnyModule, python: string): Layer =>
  row({ class: type, python, read: () => new type(), write: () => ({}) });

const inplaceOf = (a: Attributes) => ({ inplace: a.flag('inplace', false) });

type Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d;
const batchNorm = (type: new (features: number, options: nn.BatchNormLayerOptions) => Norm, dims: number): Layer =>
  row<Norm>({
    class: type,
    python: `torch.nn.modules.batchnorm.BatchNorm${dims}d`,
    read: (a) =>
      new type(a.integer('num_features'), {
        eps: a.number('eps'),
        momentum: a.orNull('momentum', () => a.number('momentum')),
        affine: a.flag('affine', true),
        trackRunningStats: a.flag('track_running_stats', true),
      }),
    write: (m) => ({
      num_features: m.numFeatures,
      eps: float(m.eps),
      momentum: m.momentum === null ? null : float(m.momentum),
      affine: m.affine,
      track_running_stats: m.trackRunningStats,
    }),
    parameters: ['weight', 'bias'],
    buffers: ['running_mean', 'running_var', 'num_batches_tracked'],
  });

type AffineNorm = new (shape: readonly number[], options: nn.LayerNormLayerOptions) => nn.LayerNorm;
/** Layer normalisation, or a class derived from it. */
export const layerNorm = (type: AffineNorm, python: string): Layer =>
  row<nn.LayerNorm>({
    class: type,
    python,
    read: (a) =>
      new type(a.integers('normalized_shape'), {
        eps: a.number('eps'),
        elementwiseAffine: a.flag('elementwise_affine', true),
        bias: a.hasParameter('bias') || !a.hasParameter('weight'),
      }),
    write: (m) => ({
      normalized_shape: tuple(m.normalizedShape),
      eps: float(m.eps),
      elementwise_affine: m.elementwiseAffine,
    }),
    parameters: ['weight', 'bias'],
  });

const linear = (
  type: new (input: number, output: number, options: { bias: boolean }) => nn.Linear,
  name: string,
): Layer =>
  row<nn.Linear>({
    class: type,
    python: `torch.nn.modules.linear.${name}`,
    read: (a) => new type(a.integer('in_features'), a.integer('out_features'), { bias: a.hasParameter('bias') }),
    write: (m) => ({ in_features: m.inFeatures, out_features: m.outFeatures }),
    parameters: ['weight', 'bias'],
  });

const inplaceActivation = (
  type: new (options: nn.InplaceOptions) => nn.ReLU | nn.Hardswish | nn.Hardsigmoid,
  name: string,
): Layer =>
  row<nn.ReLU | nn.Hardswish | nn.Hardsigmoid>({
    class: type,
    python: `torch.nn.modules.activation.${name}`,
    read: (a) => new type(inplaceOf(a)),
    write: (m) => ({ inplace: m.inplace }),
  });

const reductionOf = (a: Attributes) => ({ reduction: a.text('reduction', 'mean') as Reduction });

/** Every layer of `nn` but the base class. */
export const layers: readonly Layer[] = [
  linear(nn.Linear, 'Linear'),
  linear(NonDynamicallyQuantizableLinear, 'NonDynamicallyQuantizableLinear'),
  plain(nn.Identity, 'torch.nn.modules.linear.Identity'),
  row<nn.Conv2d>({
    class: nn.Conv2d,
    python: 'torch.nn.modules.conv.Conv2d',
    read: (a) =>
      new nn.Conv2d(a.integer('in_channels'), a.integer('out_channels'), a.pair('kernel_size'), {
        stride: a.pair('stride'),
        padding: a.is('padding', 'string') ? (a.text('padding') as 'same' | 'valid') : a.pair('padding'),
        dilation: a.pair('dilation'),
        groups: a.integer('groups'),
        bias: a.hasParameter('bias'),
        paddingMode: a.text('padding_mode', 'zeros') as 'zeros',
      }),
    write: (m) => {
      // What PyTorch pads with in its other modes, last side first.
      const sides = m.kernelSize.map((size, i) => {
        const all = m.dilation[i]! * (size - 1);
        if (m.padding === 'same') return [Math.floor(all / 2), all - Math.floor(all / 2)];
        return m.padding === 'valid' ? [0, 0] : [m.padding[i]!, m.padding[i]!];
      });
      const around = sides.reverse().flat();
      return {
        in_channels: m.inChannels,
        out_channels: m.outChannels,
        kernel_size: tuple(m.kernelSize),
        stride: tuple(m.stride),
        padding: typeof m.padding === 'string' ? m.padding : tuple(m.padding),
        dilation: tuple(m.dilation),
        transposed: false,
        output_padding: tuple([0, 0]),
        groups: m.groups,
        padding_mode: m.paddingMode,
        _reversed_padding_repeated_twice: typeof m.padding === 'string' ? around : tuple(around),
      };
    },
    parameters: ['weight', 'bias'],
  }),
  batchNorm(nn.BatchNorm1d, 1),
  batchNorm(nn.BatchNorm2d, 2),
  batchNorm(nn.BatchNorm3d, 3),
  layerNorm(nn.LayerNorm, 'torch.nn.modules.normalization.LayerNorm'),
  row<nn.MultiheadAttention>({
    class: nn.MultiheadAttention,
    python: 'torch.nn.modules.activation.MultiheadAttention',
    read: (a) => {
      if (a.flag('add_zero_attn', false) || a.hasParameter('bias_k')) a.fail('added keys and values are not supported');
      return new nn.MultiheadAttention(a.integer('embed_dim'), a.integer('num_heads'), {
        kdim: a.integer('kdim'),
        vdim: a.integer('vdim'),
        dropout: a.number('dropout'),
        batchFirst: a.flag('batch_first', false),
        bias: a.hasParameter('in_proj_bias'),
      });
    },
    write: (m) => ({
      embed_dim: m.embedDim,
      kdim: m.kdim,
      vdim: m.vdim,
      _qkv_same_embed_dim: m.in_proj_weight !== null,
      num_heads: m.numHeads,
      dropout: float(m.dropout),
      batch_first: m.batchFirst,
      head_dim: m.embedDim / m.numHeads,
      bias_k: null,
      bias_v: null,
      add_zero_attn: false,
    }),
    parameters: ['in_proj_weight', 'q_proj_weight', 'k_proj_weight', 'v_proj_weight', 'in_proj_bias'],
  }),
  row<nn.Dropout>({
    class: nn.Dropout,
    python: 'torch.nn.modules.dropout.Dropout',
    read: (a) => new nn.Dropout(a.number('p'), inplaceOf(a)),
    write: (m) => ({ p: float(m.p), inplace: m.inplace }),
  }),
  row<nn.MaxPool2d>({
    class: nn.MaxPool2d,
    python: 'torch.nn.modules.pooling.MaxPool2d',
    read: (a) => {
      if (a.flag('return_indices', false)) a.fail('return_indices is not supported');
      return new nn.MaxPool2d(a.pair('kernel_size'), {
        stride: a.pair('stride'),
        padding: a.pair('padding'),
        dilation: a.pair('dilation'),
        ceilMode: a.flag('ceil_mode', false),
      });
    },
    write: (m) => ({
      kernel_size: given(m.kernelSize),
      stride: given(m.stride),
      padding: given(m.padding),
      dilation: given(m.dilation),
      return_indices: false,
      ceil_mode: m.ceilMode,
    }),
  }),
  row<nn.AvgPool2d>({
    class: nn.AvgPool2d,
    python: 'torch.nn.modules.pooling.AvgPool2d',
    read: (a) =>
      new nn.AvgPool2d(a.pair('kernel_size'), {
        stride: a.pair('stride'),
        padding: a.pair('padding'),
        ceilMode: a.flag('ceil_mode', false),
        countIncludePad: a.flag('count_include_pad', true),
        divisorOverride: a.orNull('divisor_override', () => a.integer('divisor_override')),
      }),
    write: (m) => ({
      kernel_size: given(m.kernelSize),
      stride: given(m.stride),
      padding: given(m.padding),
      ceil_mode: m.ceilMode,
      count_include_pad: m.countIncludePad,
      divisor_override: m.divisorOverride,
    }),
  }),
  row<nn.AdaptiveAvgPool2d>({
    class: nn.AdaptiveAvgPool2d,
    python: 'torch.nn.modules.pooling.AdaptiveAvgPool2d',
    read: (a) => new nn.AdaptiveAvgPool2d(a.adaptiveSize('output_size')),
    write: ({ outputSize }) => ({
      output_size: Array.isArray(outputSize) ? tuple(outputSize) : outputSize,
    }),
  }),
  row<nn.Flatten>({
    class: nn.Flatten,
    python: 'torch.nn.modules.flatten.Flatten',
    read: (a) => new nn.Flatten(a.integer('start_dim'), a.integer('end_dim')),
    write: (m) => ({ start_dim: m.startDim, end_dim: m.endDim }),
  }),
  row<nn.Unflatten>({
    class: nn.Unflatten,
    python: 'torch.nn.modules.flatten.Unflatten',
    read: (a) => new nn.Unflatten(a.integer('dim'), a.integers('unflattened_size')),
    write: (m) => ({ dim: m.dim, unflattened_size: tuple(m.unflattenedSize) }),
  }),
  row<nn.Upsample>({
    class: nn.Upsample,
    python: 'torch.nn.modules.upsampling.Upsample',
    read: (a) =>
      new nn.Upsample({
        size: a.orNull('size', () => (a.is('size', 'number') ? a.integer('size') : a.integers('size'))),
        scaleFactor: a.orNull('scale_factor', () =>
          a.is('scale_factor', 'number') ? a.number('scale_factor') : a.numbers('scale_factor'),
        ),
        mode: a.text('mode') as nn.functional.InterpolateMode,
        alignCorners: a.orNull('align_corners', () => a.flag('align_corners', false)),
        // Layers of before this attribute computed so.
        recomputeScaleFactor: a.object.attributes.has('recompute_scale_factor')
          ? a.orNull('recompute_scale_factor', () => a.flag('recompute_scale_factor', false))
          : true,
      }),
    write: (m) => ({
      name: 'Upsample',
      size: Array.isArray(m.size) ? tuple(m.size) : m.size,
      scale_factor: Array.isArray(m.scaleFactor)
        ? tuple(m.scaleFactor.map(float))
        : typeof m.scaleFactor === 'number'
          ? float(m.scaleFactor)
          : null,
      mode: m.mode,
      align_corners: m.alignCorners,
      recompute_scale_factor: m.recomputeScaleFactor,
    }),
  }),
  inplaceActivation(nn.ReLU, 'ReLU'),
  inplaceActivation(nn.SiLU, 'SiLU'),
  inplaceActivation(nn.Hardswish, 'Hardswish'),
  inplaceActivation(nn.Hardsigmoid, 'Hardsigmoid'),
  row<nn.Hardtanh>({
    class: nn.Hardtanh,
    python: 'torch.nn.modules.activation.Hardtanh',
    read: (a) => new nn.Hardtanh(a.number('min_val'), a.number('max_val'), inplaceOf(a)),
    write: (m) => ({ min_val: float(m.minVal), max_val: float(m.maxVal), inplace: m.inplace }),
  }),
  row<nn.ReLU6>({
    class: nn.ReLU6,
    python: 'torch.nn.modules.activation.ReLU6',
    read: (a) => new nn.ReLU6(inplaceOf(a)),
    write: (m) => ({ min_val: float(0), max_val: float(6), inplace: m.inplace }),
  }),
  row<nn.LeakyReLU>({
    class: nn.LeakyReLU,
    python: 'torch.nn.modules.activation.LeakyReLU',
    read: (a) => new nn.LeakyReLU(a.number('negative_slope'), inplaceOf(a)),
    write: (m) => ({ negative_slope: float(m.negativeSlope), inplace: m.inplace }),
  }),
  row<nn.ELU>({
    class: nn.ELU,
    python: 'torch.nn.modules.activation.ELU',
    read: (a) => new nn.ELU(a.number('alpha'), inplaceOf(a)),
    write: (m) => ({ alpha: float(m.alpha), inplace: m.inplace }),
  }),
  row<nn.GELU>({
    class: nn.GELU,
    python: 'torch.nn.modules.activation.GELU',
    read: (a) => new nn.GELU({ approximate: a.text('approximate', 'none') as 'none' }),
    write: (m) => ({ approximate: m.approximate }),
  }),
  row<nn.Softplus>({
    class: nn.Softplus,
    python: 'torch.nn.modules.activation.Softplus',
    read: (a) => new nn.Softplus({ beta: a.number('beta'), threshold: a.number('threshold') }),
    write: (m) => ({ beta: float(m.beta), threshold: float(m.threshold) }),
  }),
  plain(nn.Sigmoid, 'torch.nn.modules.activation.Sigmoid'),
  plain(nn.Tanh, 'torch.nn.modules.activation.Tanh'),
  row<nn.Softmax>({
    class: nn.Softmax,
    python: 'torch.nn.modules.activation.Softmax',
    read: (a) => new nn.Softmax(a.integer('dim')),
    write: (m) => ({ dim: m.dim }),
  }),
  row<nn.LogSoftmax>({
    class: nn.LogSoftmax,
    python: 'torch.nn.modules.activation.LogSoftmax',
    read: (a) => new nn.LogSoftmax(a.integer('dim')),
    write: (m) => ({ dim: m.dim }),
  }),
  plain(nn.Sequential, 'torch.nn.modules.container.Sequential'),
  plain(nn.ModuleList, 'torch.nn.modules.container.ModuleList'),
  plain(nn.ModuleDict, 'torch.nn.modules.container.ModuleDict'),
  row<nn.L1Loss>({
    class: nn.L1Loss,
    python: 'torch.nn.modules.loss.L1Loss',
    read: (a) => new nn.L1Loss(reductionOf(a)),
    write: (m) => ({ reduction: m.reduction }),
  }),
  row<nn.MSELoss>({
    class: nn.MSELoss,
    python: 'torch.nn.modules.loss.MSELoss',
    read: (a) => new nn.MSELoss(reductionOf(a)),
    write: (m) => ({ reduction: m.reduction }),
  }),
  row<nn.CrossEntropyLoss>({
    class: nn.CrossEntropyLoss,
    python: 'torch.nn.modules.loss.CrossEntropyLoss',
    read: (a) =>
      new nn.CrossEntropyLoss({
        ...reductionOf(a),
        ignoreIndex: a.integer('ignore_index'),
        labelSmoothing: a.number('label_smoothing', 0),
      }),
    write: (m) => ({
      reduction: m.reduction,
      ignore_index: m.ignoreIndex,
      label_smoothing: float(m.labelSmoothing),
    }),
    buffers: ['weight'],
  }),
];
