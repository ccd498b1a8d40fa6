// This library as a peer of the bench; imported by its path, as the package of this folder is not the library's.
import { grad, manualSeed, nn, noGrad, optim, rand, randint, randn, setNumThreads, tensor } from '../../dist/index.js';
import { Tudui } from '../../examples/build/tudui.js';
import { operations } from './operations.mjs';
import { serve } from './serve.mjs';

const layers = (...sizes) => sizes.slice(1).map((size, i) => new nn.Linear(sizes[i], size));
const networks = {
  cnn: () => [new Tudui(), [3, 32, 32]],
  mlp: () => {
    const [a, b, c] = layers(784, 512, 512, 10);
    return [new nn.Sequential(a, new nn.ReLU(), b, new nn.ReLU(), c), [784]];
  },
  mlp10: () => [new nn.Sequential(...layers(...Array(11).fill(16)).flatMap((layer) => [layer, new nn.ReLU()])), [16]],
  vgg16: async () => [(await vision()).models.vgg16({ initWeights: false }), [3, 224, 224]],
  resnet18: async () => [(await vision()).models.resnet18(), [3, 224, 224]],
};
const vision = () => import('../../dist/vision/index.js');

const drain = tensor(0);
// Runs everything that was asked for, on the calling thread and its helpers.
const finish = (y) => {
  drain.item();
  return y;
};

async function modelWork({ model, mode, batch }) {
  const [network, shape] = await networks[model]();
  const x = rand([batch, ...shape]);
  if (mode === 'inference') {
    network.eval();
    return () => finish(noGrad(() => network(x)));
  }
  const loss = new nn.CrossEntropyLoss();
  const optimizer = new optim.SGD(network.parameters(), { lr: 0.01 });
  const target = randint(0, 10, [batch]);
  return () => {
    const result = loss(network(x), target);
    optimizer.zeroGrad();
    result.backward();
    optimizer.step();
    return result.item();
  };
}

// Pictures as they lie between two layers.
const picture = (n, c, h, w) => randn([n, h, w, c]).permute(0, 3, 1, 2);

function convWork({ pass, n, size, c, oc, k, stride, pad, groups }) {
  const x = picture(n, c, size, size).detach().requiresGrad_();
  const weight = randn([oc, c / groups, k, k]).requiresGrad_();
  const conv = () => nn.functional.conv2d(x, weight, null, { stride, padding: pad, groups });
  if (pass === 'forward') return () => finish(noGrad(conv));
  const y = conv();
  const gradOutputs = picture(...y.shape);
  const wanted = pass === 'gradInput' ? x : weight;
  return () => finish(grad(y, wanted, { gradOutputs, retainGraph: true })[0]);
}

const works = {
  gemm({ m, n, k, transA, transB }) {
    const a = transA ? randn([k, m]).t() : randn([m, k]);
    const b = transB ? randn([n, k]).t() : randn([k, n]);
    return () => finish(a.matmul(b));
  },
  conv: convWork,
  op(spec) {
    const made = spec.shape.length === 4 && !spec.other ? picture(...spec.shape) : rand(spec.shape);
    const other = spec.other && rand(spec.other);
    return () => finish(operations[spec.op](made, spec, other));
  },
  model: modelWork,
  scalars({ calls }) {
    const [a, b] = [tensor(1, { requiresGrad: true }), tensor(2)];
    return () => {
      for (let i = 0; i < calls; i++) a.add(b);
      finish();
    };
  },
};

await serve(async (spec) => {
  manualSeed(0);
  const run = await works[spec.kind](spec);
  return (threads) => {
    setNumThreads(threads);
    return run;
  };
});
