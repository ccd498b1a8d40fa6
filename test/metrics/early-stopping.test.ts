// Early stopping: when it stops, what it restores, and how a resumed training goes on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load, metrics, nn, noGrad, save, tensor } from '../../lib/index.js';

const { EarlyStopping } = metrics;

test.each<[string, metrics.EarlyStoppingOptions, number[], number, number]>([
  ['the patience-th value without improvement', { patience: 2 }, [3, 2, 2.5, 1, 1, 1], 5, 1],
  ['counting anew after an improvement', { patience: 3 }, [3, 4, 4, 2, 3, 3, 3], 6, 2],
  ['three of them by default', {}, [1, 1, 1, 1], 3, 1],
  ['improvements that are too small', { patience: 2, minDelta: 0.5 }, [3, 2.6, 2.5, 2.5], 2, 3],
  ['larger values better', { patience: 1, mode: 'max' }, [0.1, 0.5, 0.4], 2, 0.5],
  ['larger values better by a bit', { patience: 1, mode: 'max', minDelta: 0.1 }, [0.25, 0.5, 0.55], 2, 0.5],
  ['a NaN never better', { patience: 2 }, [Number.NaN, 2, Number.NaN, Number.NaN], 3, 2],
  ['an infinite loss never better', { patience: 1 }, [Number.POSITIVE_INFINITY], 0, Number.POSITIVE_INFINITY],
])('stops with %s', (_, options, values, at, best) => {
  const stopping = new EarlyStopping(options);
  expect(values.map((value) => stopping.step(value))).toEqual(values.map((_, i) => i >= at));
  expect(stopping.best).toBe(best);
  expect(stopping.stopped).toBe(true);
});

describe('restoreBest', () => {
  const model = () => new nn.Sequential(new nn.Linear(2, 1), new nn.BatchNorm1d(1));
  const set = (module: nn.Module, value: number) =>
    noGrad(() => {
      for (const x of Object.values(module.stateDict())) x.fill_(value);
    });
  const value = (module: nn.Module) =>
    new Set(Object.values(module.stateDict()).map((x) => x.flatten().select(0, 0).item()));

  test('gives the module the state of the best value back when it stops', () => {
    const module = model();
    const stopping = new EarlyStopping({ patience: 2, restoreBest: module });
    [5, 3, 4, 6].forEach((loss, epoch) => {
      set(module, epoch);
      stopping.step(loss);
      expect(value(module)).toEqual(new Set([epoch === 3 ? 1 : epoch]));
    });
  });

  test('or when asked, after a training that ran to its end', () => {
    const module = model();
    const stopping = new EarlyStopping({ restoreBest: module });
    stopping.restore();
    set(module, 7);
    stopping.step(1);
    set(module, 8);
    stopping.step(2);
    stopping.restore();
    expect(value(module)).toEqual(new Set([7]));
  });

  test('a resumed training goes on, by way of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cresset-stopping-'));
    const first = model();
    const before = new EarlyStopping({ patience: 2, restoreBest: first });
    set(first, 7);
    expect([1, 2].map((loss) => before.step(loss))).toEqual([false, false]);
    await save(before.stateDict(), join(folder, 'stopping.pth'));
    const module = model();
    const stopping = new EarlyStopping({ patience: 2, restoreBest: module });
    stopping.loadStateDict(await load(join(folder, 'stopping.pth')));
    rmSync(folder, { recursive: true });
    set(module, 9);
    expect([stopping.best, stopping.numBadEpochs]).toEqual([1, 1]);
    expect(stopping.step(3)).toBe(true);
    expect(value(module)).toEqual(new Set([7]));
  });
});

test('a value may be a tensor', () => {
  const stopping = new EarlyStopping({ patience: 1 });
  expect([stopping.step(tensor(0.5)), stopping.best, stopping.step(tensor([0.75]))]).toEqual([false, 0.5, true]);
});

test('the state of one that has seen nothing', () => {
  const stopping = new EarlyStopping({ patience: 1 });
  stopping.step(1);
  stopping.loadStateDict(new EarlyStopping().stateDict());
  expect([stopping.best, stopping.step(2)]).toEqual([Number.POSITIVE_INFINITY, false]);
});

test.each<[string, object, string]>([
  ['no best value', { best: Number.NaN }, 'best must not be NaN'],
  ['less than no epochs', { num_bad_epochs: -1 }, 'num_bad_epochs must not be negative, got -1'],
  ['no dict of tensors', { best_state: 5 }, 'best_state must be null or an object of tensors, got 5'],
  ['a number for a tensor', { best_state: { weight: 5 } }, 'best_state.weight must be a Tensor, got 5'],
  [
    'another module',
    { best_state: new nn.Linear(3, 1).stateDict() },
    'best_state.weight is of shape [1, 3] but of shape [1, 2] in the module',
  ],
  [
    'a part of the module',
    { best_state: { weight: new nn.Linear(2, 1).weight } },
    'best_state.bias is missing but of shape [1] in the module',
  ],
])('a state with %s is refused, and nothing has changed', (_, part, message) => {
  const stopping = new EarlyStopping({ restoreBest: new nn.Linear(2, 1) });
  const state = { best: 7, num_bad_epochs: 2, best_state: null, ...part };
  expect(() => stopping.loadStateDict(state)).toThrow(`EarlyStopping.loadStateDict: ${message}`);
  expect(stopping.stateDict()).toEqual({ best: Number.POSITIVE_INFINITY, num_bad_epochs: 0, best_state: null });
});

test.each<[() => unknown, string]>([
  [() => new EarlyStopping({ patience: 0 }), 'EarlyStopping: patience must be at least 1, got 0'],
  [() => new EarlyStopping({ patience: 1.5 }), 'EarlyStopping: patience must be an integer, got 1.5'],
  [() => new EarlyStopping({ minDelta: -1 }), 'EarlyStopping: minDelta must be at least 0, got -1'],
  [
    () => new EarlyStopping({ mode: 'less' as 'min' }),
    `EarlyStopping: mode must be 'min' or 'max', got the string "less"`,
  ],
  [() => new EarlyStopping({ restoreBest: true as never }), 'EarlyStopping: restoreBest must be a module, got true'],
  [
    () => new EarlyStopping().step('1' as never),
    'EarlyStopping.step: value must be a number or a Tensor, got the string "1"',
  ],
  [
    () => new EarlyStopping().loadStateDict({} as never),
    'EarlyStopping.loadStateDict: best must be a number, got undefined',
  ],
  [
    () => new EarlyStopping({ restoreBest: { loadStateDict() {} } as never }),
    'EarlyStopping: restoreBest must be a module, got an Object',
  ],
])('misuse %#', (misuse, message) => {
  expect(misuse).toThrow(message);
});
