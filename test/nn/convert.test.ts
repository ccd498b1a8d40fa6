// Modules change dtype in place, find their parts by dotted names, and keep state that copies do not share.
import { expect, test } from '@jest/globals';
import { nn, ones, optim, type Tensor, tensor, zeros } from '../../lib/index.js';

class Net extends nn.Module {
  body = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
  mean = new nn.Buffer(zeros([3]));
  count = new nn.Buffer(tensor([1n]));

  forward(x: Tensor): Tensor {
    return this.body(x).sub(this.mean);
  }
}

test('to converts floating parameters, gradients and buffers, and optimizers keep them', () => {
  const net = new Net();
  const weight = net.getParameter('body.0.weight');
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.5 });
  net(ones([1, 2]))
    .sum()
    .backward();
  const before = weight.toArray();
  expect(net.double()).toBe(net);
  expect(net.getParameter('body.0.weight')).toBe(weight);
  expect([weight.dtype, weight.grad!.dtype, weight.requiresGrad, weight.isLeaf]).toEqual([
    'float64',
    'float64',
    true,
    true,
  ]);
  expect([net.mean.dtype, net.count.dtype]).toEqual(['float64', 'int64']);
  expect(weight.toArray()).toEqual(before);
  const expected = weight.detach().sub(weight.grad!.mul(0.5)).toArray();
  optimizer.step();
  expect(weight.toArray()).toEqual(expected);
  expect(net(ones([1, 2], { dtype: 'float64' })).dtype).toBe('float64');
  expect(net.float()(ones([1, 2])).dtype).toBe('float32');
  expect(() => net.to('int64')).toThrow('Module.to: expected a floating dtype, got int64');
});

test('frozen parameters stay frozen, and tied ones tied, in another dtype', () => {
  const layer = new nn.Linear(2, 2).requiresGrad_(false);
  const other = new nn.Linear(2, 2);
  other.weight = layer.weight;
  const model = new nn.Sequential(layer, other).to('float64');
  expect(layer.weight.requiresGrad).toBe(false);
  expect(other.bias!.requiresGrad).toBe(true);
  expect(other.weight).toBe(layer.weight);
  expect([...model.parameters()]).toHaveLength(3);
});

test('parts are found by dotted names', () => {
  const net = new Net();
  expect(net.getSubmodule('')).toBe(net);
  expect(net.getSubmodule('body.1')).toBe(net.body[1]);
  expect(net.getParameter('body.0.bias')).toBe((net.body[0] as nn.Linear).bias);
  expect(net.getBuffer('mean')).toBe(net.mean);
  expect(() => net.getSubmodule('body.5')).toThrow('Sequential has nothing named "5" (looking for body.5)');
  expect(() => net.getSubmodule('mean')).toThrow('mean: mean is not a Module');
  expect(() => net.getParameter('mean')).toThrow('mean is not a Parameter');
  expect(() => net.getParameter('forward')).toThrow('Net has nothing named "forward"');
  expect(() => net.getBuffer('body')).toThrow('body is not a Buffer');
});

test('a copy by way of the state dict shares nothing', () => {
  const [a, b] = [new Net(), new Net()];
  b.loadStateDict(a.stateDict());
  nn.init.zeros_(a.getParameter('body.0.weight'));
  expect(b.getParameter('body.0.weight').toArray()).not.toEqual(a.getParameter('body.0.weight').toArray());
});

test('zeroGrad drops gradients, or fills them with zeros', () => {
  const net = new Net();
  net(ones([1, 2]))
    .sum()
    .backward();
  const weight = net.getParameter('body.0.weight');
  net.zeroGrad({ setToNone: false });
  expect(weight.grad!.toArray()).toEqual(zeros([3, 2]).toArray());
  net.zeroGrad();
  expect(weight.grad).toBeNull();
});

test('the class weights of a loss are saved and converted with it', () => {
  const loss = new nn.CrossEntropyLoss({ weight: tensor([1, 2]) });
  expect(loss.stateDict().weight!.toArray()).toEqual([1, 2]);
  expect(loss.double().weight!.dtype).toBe('float64');
  expect(Object.keys(new nn.CrossEntropyLoss().stateDict())).toEqual([]);
});

test('several lines of extraRepr stand on lines of their own', () => {
  class Wordy extends nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
    override extraRepr(): string {
      return 'a=1\nb=2';
    }
  }
  expect(String(new nn.Sequential(new Wordy()))).toBe('Sequential(\n  (0): Wordy(\n    a=1\n    b=2\n  )\n)');
});

test('a module that contains itself has a finite state dict', () => {
  const net = new Net() as Net & { self?: Net };
  net.self = net;
  expect(Object.keys(net.stateDict())).toEqual(['mean', 'count', 'body.0.weight', 'body.0.bias']);
});
