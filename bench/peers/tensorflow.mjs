// TensorFlow.js as a peer of the bench: its WebAssembly backend with SIMD. That has one thread in Node, so each work is measured
// for the first thread count alone. It computes at the call: results of networks are read, as users do, while reading the others
// would time a copy of them. What needs a kernel that the backend has not is no work of this peer.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { serve } from './serve.mjs';

tf.enableProdMode();
if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js: no WebAssembly');
tf.engine().startScope();

const weight = (shape, inputs) => tf.variable(tf.randomUniform(shape, -(inputs ** -0.5), inputs ** -0.5));

function linear(inputs, outputs, activation = 'linear') {
  const [w, bias] = [weight([inputs, outputs], inputs), weight([outputs], inputs)];
  return (x) => tf.fused.matMul({ a: x, b: w, bias, activation });
}
function conv(inputs, outputs, k) {
  const [filter, bias] = [weight([k, k, inputs, outputs], inputs * k * k), weight([outputs], inputs * k * k)];
  return (x) => tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias });
}
const pool = (x) => tf.maxPool(x, 2, 2, 0);
const flatten = (x) => x.reshape([x.shape[0], -1]);

const networks = {
  cnn: () => ({
    shape: [32, 32, 3],
    layers: [
      conv(3, 32, 5),
      pool,
      conv(32, 32, 5),
      pool,
      conv(32, 64, 5),
      pool,
      flatten,
      linear(1024, 64),
      linear(64, 10),
    ],
  }),
  mlp: () => ({ shape: [784], layers: [linear(784, 512, 'relu'), linear(512, 512, 'relu'), linear(512, 10)] }),
  mlp10: () => ({ shape: [16], layers: Array.from({ length: 10 }, () => linear(16, 16, 'relu')) }),
};

function modelWork({ model, mode, batch }) {
  const { shape, layers } = networks[model]?.() ?? {};
  if (!shape) return null;
  const x = tf.randomUniform([batch, ...shape]);
  const network = () => layers.reduce((y, layer) => layer(y), x);
  if (mode === 'inference') return () => network().dataSync();
  const optimizer = tf.train.sgd(0.01);
  const target = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10);
  const loss = () => tf.losses.softmaxCrossEntropy(target, network());
  return () => optimizer.minimize(loss, true).dataSync();
}

function convWork({ pass, n, size, c, oc, k, stride, pad, groups }) {
  if (groups > 1 && !(groups === c && groups === oc)) return null;
  const x = tf.randomUniform([n, size, size, c], -1, 1);
  const depthwise = groups > 1;
  const w = tf.randomUniform(depthwise ? [k, k, c, 1] : [k, k, c, oc], -1, 1);
  const forward = () => (depthwise ? tf.depthwiseConv2d : tf.conv2d)(x, w, stride, pad);
  if (pass === 'forward') return forward;
  const dy = tf.onesLike(forward());
  const attributes = { strides: stride, pad, dataFormat: 'NHWC', dilations: 1, dimRoundingMode: null };
  const kernel = depthwise ? 'DepthwiseConv2dNativeBackprop' : 'Conv2DBackprop';
  return pass === 'gradInput'
    ? () => tf.engine().runKernel(`${kernel}Input`, { dy, filter: w }, { ...attributes, inputShape: x.shape })
    : () => tf.engine().runKernel(`${kernel}Filter`, { x, dy }, { ...attributes, filterShape: w.shape });
}

const operations = {
  maxPool: (x, { kernel, stride, pad }) => tf.maxPool(x, kernel, stride, pad),
  avgPool: (x, { kernel, stride, pad }) => tf.avgPool(x, kernel, stride, pad),
  batchNorm(x) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean, variance, null, null, 1e-5);
  },
  softmax: (x) => tf.softmax(x, 1),
  sum: (x) => tf.sum(x),
  mean: (x, { dim }) => tf.mean(x, dim),
  argmax: (x, { dim }) => tf.argMax(x, dim),
  add: (x, _, y) => tf.add(x, y),
  mul: (x, _, y) => tf.mul(x, y),
  relu: (x) => tf.relu(x),
  exp: (x) => tf.exp(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  log: (x) => tf.log(x),
};

const works = {
  gemm({ m, n, k, transA, transB }) {
    const a = tf.randomUniform(transA ? [k, m] : [m, k], -1, 1);
    const b = tf.randomUniform(transB ? [n, k] : [k, n], -1, 1);
    return () => tf.matMul(a, b, transA, transB);
  },
  conv: convWork,
  op({ op, shape, other, ...options }) {
    const run = operations[op];
    if (!run) return null;
    const [n, c, h, w] = shape;
    const x = tf.randomUniform(shape.length === 4 && !other ? [n, h, w, c] : shape);
    const y = other && tf.randomUniform(other);
    return () => run(x, options, y);
  },
  model: modelWork,
  // Operations are recorded only inside a gradient, which here is that of the last sum alone.
  scalars({ calls }) {
    const [a, b] = [tf.variable(tf.scalar(1)), tf.scalar(2)];
    const adds = () => {
      for (let i = 1; i < calls; i++) tf.add(a, b);
      return tf.add(a, b);
    };
    return () => tf.variableGrads(adds).value;
  },
};

await serve((spec) => {
  tf.disposeVariables();
  tf.engine().endScope(); // the tensors of the work before
  tf.engine().startScope();
  try {
    const run = works[spec.kind](spec);
    if (!run) return null;
    const tidy = () => tf.tidy(run);
    tf.dispose(tidy());
    let first;
    return (threads) => {
      first ??= threads;
      return threads === first ? tidy : null;
    };
  } catch (error) {
    if (/^Kernel '\w+' not registered/.test(error.message)) return null;
    throw error;
  }
});
