// Gradients: where they are recorded, how they are asked for, what hooks see of them.
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  enableGrad,
  grad,
  inferenceMode,
  isGradEnabled,
  noGrad,
  ones,
  synchronize,
  Tensor,
  tensor,
  zeros,
} from '../lib/index.js';
import { handleKey } from '../lib/tensor.js';

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });
const later = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

describe('backward', () => {
  test('adds up in leaves, over paths and passes', () => {
    const x = leaf(1, 2);
    const y = x.mul(x).add(x); // x is used three times
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 5]);
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([4, 6]);
    x.grad = null;
    expect(x.grad).toBeNull();
  });

  test('takes the gradient of a tensor of many elements', () => {
    const x = leaf(1, 2);
    x.square().backward(tensor([1, 10]));
    expect(x.grad!.toArray()).toEqual([2, 40]);
  });

  test('frees the graph unless it is retained', () => {
    const x = leaf(3);
    const y = x.square().sum();
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(x.grad!.toArray()).toEqual([12]);
    expect(() => y.backward()).toThrow(/freed by an earlier backward/);
  });

  test('fills grad of inner tensors only where asked', () => {
    const x = leaf(2);
    const [plain, retained] = [x.mul(3), x.mul(3)];
    retained.retainGrad();
    plain.mul(retained).sum().backward();
    expect([plain.grad, retained.grad!.toArray(), x.grad!.toArray()]).toEqual([null, [6], [36]]);
  });

  test('stops at detached tensors and those without gradients', () => {
    const [x, y] = [leaf(2), tensor([5])];
    x.detach().mul(x).mul(y).sum().backward();
    expect(x.grad!.toArray()).toEqual([10]);
    expect(y.grad).toBeNull();
    expect(x.detach().requiresGrad).toBe(false);
    const z = x.mul(2);
    expect(z.detach_().requiresGrad).toBe(false);
  });

  test('flows through views, broadcasts and dtypes', () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    x.t()
      .select(0, 1)
      .mul(tensor([[1], [10]]))
      .to('float64')
      .sum()
      .backward();
    expect(x.grad!.toArray()).toEqual([
      [0, 11, 0],
      [0, 11, 0],
    ]);
    expect(x.grad!.dtype).toBe('float32');
  });

  test('of std is 0 where nothing spreads', () => {
    const x = tensor(
      [
        [1, 2],
        [2, 2],
      ],
      { requiresGrad: true },
    );
    x.std(1).sum().backward();
    const half = Math.fround(Math.SQRT1_2);
    expect(x.grad!.toArray()).toEqual([
      [-half, half],
      [0, 0],
    ]);
  });

  test('of std beyond the range of its square', () => {
    const x = leaf(1e25, 2e25, 3e25);
    x.std().backward();
    expect(x.grad!.allclose(tensor([-0.5, 0, 0.5]))).toBe(true);
  });

  test('goes through expanded tensors without elements', () => {
    const x = zeros([4, 1, 0], { requiresGrad: true });
    const wide = x.expand([4, 3, 0]);
    wide.clamp(0, 1).backward(zeros([4, 3, 0]));
    expect(x.grad!.shape).toEqual([4, 1, 0]);
    expect(wide.detach().add_(1).shape).toEqual([4, 3, 0]);
  });

  test('adds to a gradient that is an expanded view', () => {
    const x = leaf(1, 2);
    x.square().mean().add(x.mean()).backward();
    expect(x.grad!.toArray()).toEqual([1.5, 2.5]);
  });

  test('retained gradients are copies that add up', () => {
    const y = leaf(1, 2).mul(2);
    const z = y.add(1);
    for (const t of [y, z]) t.retainGrad();
    const seed = tensor([5, 6]);
    z.backward(seed, { retainGraph: true });
    expect([z.grad === seed, z.grad === y.grad]).toEqual([false, false]);
    z.backward(seed);
    expect([seed, y.grad!, z.grad!].map((t) => t.toArray())).toEqual([
      [5, 6],
      [10, 12],
      [10, 12],
    ]);
  });

  test('a tensor cannot be its own gradient', () => {
    const x = leaf(1);
    expect(() => {
      x.grad = x;
    }).toThrow('grad: a tensor cannot be its own gradient');
  });

  test('in-place ops take part', () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    y.mul_(x).add_(x);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([5, 9]);
  });
});

describe('grad', () => {
  test('gives gradients and leaves the leaves alone', () => {
    const [x, y] = [leaf(1, 2), leaf(3, 4)];
    const [dx, dy] = grad(x.mul(y).sum(), [x, y]);
    expect([dx!.toArray(), dy!.toArray(), x.grad, y.grad]).toEqual([[3, 4], [1, 2], null, null]);
  });

  test('of inner tensors, of several outputs, with their gradients', () => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    const [dy] = grad([y.square(), y.sum()], y, { gradOutputs: [tensor([1, 2]), tensor(10)] });
    expect(dy!.toArray()).toEqual([16, 34]);
  });

  test('equal results are one object, as in PyTorch, with a handle of its own', () => {
    const [x, y] = [leaf(1, 2), leaf(3, 4)];
    const [dx, dy] = grad(x.add(y).sum(), [x, y]);
    expect(dx).toBe(dy);
    const [first, second] = grad(x.mul(2).sum(), [x, x]);
    expect(first).toBe(second);
    first!.dispose();
    const other = tensor([7, 7]);
    expect(() => second!.toArray()).toThrow('the tensor was disposed');
    expect([dx!.toArray(), other.toArray()]).toEqual([
      [1, 1],
      [7, 7],
    ]);
  });

  test('a handle has one owner', () => {
    const x = leaf(1);
    expect(() => new Tensor(x.id, handleKey)).toThrow('the tensor has an object already');
    expect(x.toArray()).toEqual([1]);
  });

  test('leaves the graph below its inputs to others', () => {
    const x = leaf(1, 2);
    const h = x.square();
    expect(grad(h.square().sum(), h)[0]!.toArray()).toEqual([2, 8]);
    h.sum().backward();
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });

  test('unused inputs are an error, or null', () => {
    const [x, y] = [leaf(1), leaf(2)];
    expect(() => grad(x.sum(), [x, y])).toThrow(/not used/);
    expect(grad(x.sum(), [x, y], { allowUnused: true })[1]).toBeNull();
  });
});

describe('modes', () => {
  const x = leaf(1);
  const recorded = () => x.mul(2).requiresGrad;

  test('nest, return results and end with errors too', () => {
    expect(noGrad(() => [recorded(), enableGrad(recorded), recorded()])).toEqual([false, true, false]);
    expect(() =>
      noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(recorded()).toBe(true);
    expect(inferenceMode(() => isGradEnabled())).toBe(false);
  });

  test('follow asynchronous functions, whatever runs between their parts', async () => {
    const inside = noGrad(async () => {
      const before = recorded();
      await later(5);
      return [before, recorded(), isGradEnabled()];
    });
    const meanwhile: boolean[] = [];
    for (let i = 0; i < 4; i++) {
      meanwhile.push(recorded());
      await later();
    }
    expect(await inside).toEqual([false, false, false]);
    expect(meanwhile).toEqual([true, true, true, true]);
    expect(recorded()).toBe(true);
  });

  test('two asynchronous functions keep their own', async () => {
    const run = (mode: typeof noGrad) =>
      mode(async () => {
        const seen: boolean[] = [];
        for (let i = 0; i < 5; i++) {
          await later();
          seen.push(recorded());
        }
        return seen;
      });
    const [off, on] = await Promise.all([run(noGrad), run(enableGrad)]);
    expect(off).toEqual([false, false, false, false, false]);
    expect(on).toEqual([true, true, true, true, true]);
  });

  test('of a synchronous function end when it returns, also for what it started, whatever else is open', async () => {
    const fromOutside = () => {
      let seen: Promise<boolean> | undefined;
      noGrad(() => {
        seen = later().then(recorded);
      });
      return seen;
    };
    expect(await fromOutside()).toBe(true);
    const open = noGrad(() => later(20));
    expect(await fromOutside()).toBe(true);
    // Inside an asynchronous function its own mode takes over again.
    const inside = noGrad(async () => {
      let seen: Promise<boolean> | undefined;
      enableGrad(() => {
        seen = later().then(recorded);
      });
      return seen;
    });
    expect(await inside).toBe(false);
    await open;
  });

  test('leave thenables that are no promises alone', () => {
    let started = 0;
    // biome-ignore lint/suspicious/noThenProperty: a query that runs when it is awaited.
    const query = { then: () => started++ };
    expect([noGrad(() => query), started]).toEqual([query, 0]);
  });

  test('refuse what is no function', () => {
    expect(() => noGrad(3 as unknown as () => void)).toThrow(/noGrad: fn must be a function/);
  });
});

describe('hooks', () => {
  const handles: { remove(): void }[] = [];
  afterEach(() => {
    for (const handle of handles.splice(0)) handle.remove();
  });

  test('see the gradient, may replace it, and go away', () => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    const seen: unknown[] = [];
    const handle = y.registerHook((g) => {
      seen.push(g.toArray());
      return g.mul(10);
    });
    y.sum().backward(null, { retainGraph: true });
    expect([seen, x.grad!.toArray()]).toEqual([[[1, 1]], [30, 30]]);
    handle.remove();
    y.sum().backward();
    expect(seen).toHaveLength(1);
  });

  test('on leaves run before the gradient is kept', () => {
    const x = leaf(1, 2);
    handles.push(x.registerHook((g) => g.neg()));
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([-1, -1]);
  });

  test('that throw end the pass with their error', () => {
    const x = leaf(1);
    handles.push(
      x.mul(2).registerHook(() => {
        throw new Error('from a hook');
      }),
    );
    const y = x.mul(2);
    y.registerHook(() => {
      throw new Error('from a hook');
    });
    expect(() => y.sum().backward()).toThrow('from a hook');
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([1]);
  });

  test('may not change the shape or the dtype', () => {
    const x = leaf(1, 2);
    for (const [hook, error] of [
      [(g: Tensor) => g.to('float64'), 'hook: the returned gradient has dtype float64, expected float32'],
      [(g: Tensor) => g.narrow(0, 0, 1), 'hook: the returned gradient has shape [1], expected [2]'],
    ] as const)
      for (const t of [x, x.exp()]) {
        const handle = t.registerHook(hook);
        expect(() => t.sum().backward()).toThrow(error);
        handle.remove();
      }
    expect(x.grad).toBeNull();
  });

  test('may not return a disposed tensor', () => {
    const y = leaf(1).mul(2);
    y.registerHook((g) => {
      g.dispose();
      return g;
    });
    expect(() => y.backward()).toThrow('registerHook: the tensor was disposed');
  });

  test('remove takes away its own hook alone, once', () => {
    const x = leaf(1);
    const ran: string[] = [];
    const first = x.registerHook(() => ran.push('first'));
    first.remove();
    handles.push(x.registerHook(() => ran.push('second')));
    first.remove();
    const y = x.mul(1);
    const third = y.registerHook(() => ran.push('third'));
    y.mul_(2);
    y.registerHook(() => ran.push('fourth'));
    third.remove();
    y.backward();
    expect(ran).toEqual(['fourth', 'second']);
  });

  test('run without recording while an asynchronous scope is open', async () => {
    let end = () => {};
    const scope = noGrad(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const [x, factor] = [leaf(1, 2), leaf(3, 3)];
    const y = x.mul(2);
    const modes: boolean[] = [];
    y.registerHook((g) => {
      modes.push(isGradEnabled());
      return g.mul(factor);
    });
    y.sum().backward();
    expect([modes, x.grad!.requiresGrad, x.grad!.toArray()]).toEqual([[false], false, [6, 6]]);
    expect(isGradEnabled()).toBe(true);
    end();
    await scope;
  });

  test('may start a pass of their own', () => {
    const [x, z] = [leaf(1), leaf(2)];
    const y = x.mul(2);
    y.registerHook(() => {
      expect(isGradEnabled()).toBe(false); // as in PyTorch
      enableGrad(() => z.square().sum()).backward();
    });
    y.sum().backward();
    expect([x.grad!.toArray(), z.grad!.toArray()]).toEqual([[2], [4]]);
  });
});

test('an op with nothing to do gives its very argument, which stays a leaf', () => {
  const x = leaf(1, 2);
  const same = x.contiguous().to('float32');
  expect(same).toBe(x);
  same.square().sum().backward();
  expect(x.grad!.toArray()).toEqual([2, 4]);
});

test('a chain of many ops is walked without recursion', async () => {
  const x = leaf(1);
  let y: Tensor = x;
  for (let i = 0; i < 50_000; i++) y = y.add(x);
  y.sum().backward();
  await synchronize();
  expect(x.grad!.toArray()).toEqual([50_001]);
});

test('a graph keeps what it needs though JavaScript has dropped it', () => {
  const x = leaf(1, 2);
  const y = (() => x.mul(ones([2]).mul(3)).exp())();
  y.sum().backward();
  expect(x.grad!.allclose(tensor([3 * Math.exp(3), 3 * Math.exp(6)]), { rtol: 1e-5 })).toBe(true);
});

describe('in-place ops on views', () => {
  test('of a buffer without gradients give it theirs', () => {
    const [w, other] = [leaf(5), leaf(1, 1, 1)];
    const buffer = tensor([1, 2, 3]);
    buffer.select(0, 1).copy_(w.select(0, 0).mul(2));
    expect(buffer.requiresGrad).toBe(true);
    buffer.mul(other).sum().backward();
    expect([w.grad!.toArray(), other.grad!.toArray()]).toEqual([[2], [1, 10, 3]]);
  });

  test('of a computed tensor change its gradient there alone', () => {
    const x = leaf(1, 2, 3, 4);
    const y = x.mul(3);
    y.narrow(0, 1, 2).mul_(10);
    y.sum().backward();
    expect([y.toArray(), x.grad!.toArray()]).toEqual([
      [3, 60, 90, 12],
      [3, 30, 30, 3],
    ]);
  });

  test('change what other views of it stand for, made before or after', () => {
    const x = leaf(1, 2, 3, 4);
    const y = x.mul(1);
    const before = y.view([2, 2]);
    const row = before.select(0, 0);
    row.mul_(y.narrow(0, 2, 2)); // [1 * 3, 2 * 4]
    const after = y.slice(0, 0, 4, 2);
    expect([before.toArray(), after.toArray()]).toEqual([
      [
        [3, 8],
        [3, 4],
      ],
      [3, 3],
    ]);
    before.sum().add(after.sum()).backward();
    // d(2 x0 x2 + x1 x3 + 2 x2 + x3): both sums see x0 x2 and x2
    expect(x.grad!.toArray()).toEqual([6, 4, 4, 3]);
  });

  test('in-place ops on the tensor itself reach its views', () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    const view = y.unsqueeze(0);
    y.mul_(5);
    view.sum().backward();
    expect(x.grad!.toArray()).toEqual([10, 10]);
  });

  test('through transposed and expanded views', () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    const y = x.mul(1);
    y.t().select(0, 2).relu_().mul_(-1);
    const wide = y.select(0, 0).expand([4, 3]);
    y.mul_(2);
    wide.sum().backward();
    expect(x.grad!.add(0).toArray()).toEqual([
      [8, 8, -8],
      [0, 0, 0],
    ]);
  });

  test('overwritten parts have no gradient', () => {
    const x = leaf(1, 2, 3);
    const y = x.mul(2);
    y.select(0, 0).fill_(7);
    y.narrow(0, 1, 1).uniform_();
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([0, 0, 2]);
  });

  test('are refused on leaves, and on views made without gradients', () => {
    expect(() => leaf(1, 2).select(0, 0).mul_(2)).toThrow(
      /a leaf tensor that requires grad, through a view, cannot be changed/,
    );
    const x = tensor([1, 2]);
    const view = noGrad(() => x.select(0, 0));
    expect(() => view.mul_(leaf(3).select(0, 0))).toThrow(
      /a view made inside noGrad cannot take on a gradient in place/,
    );
    const p = leaf(1, 2);
    noGrad(() => p.select(0, 0).fill_(9));
    expect(p.toArray()).toEqual([9, 2]);
  });

  test('a quotient in place keeps what its gradient needs', () => {
    const [x, y] = [leaf(6, 8), leaf(2, 4)];
    const z = x.mul(1);
    z.div_(y).add_(1);
    z.select(0, 0).mul_(3);
    z.sum().backward();
    expect([x.grad!.toArray(), y.grad!.toArray()]).toEqual([
      [1.5, 0.25],
      [-4.5, -0.5],
    ]);
  });

  test('an in-place op that is refused leaves its tensor at its version', () => {
    const x = tensor([1n]);
    expect(() => x.sigmoid_()).toThrow(/cannot be stored/);
    expect(x.version).toBe(0);
  });

  test('values that backward needs are still guarded', () => {
    const x = leaf(1, 2);
    const y = x.mul(1);
    const z = y.square();
    y.select(0, 0).mul_(2);
    expect(() => z.sum().backward()).toThrow(/modified by an in-place operation/);
  });
});
