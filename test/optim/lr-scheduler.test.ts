// Schedulers set PyTorch's rates and momenta step by step, go on from PyTorch's states, and refuse what does not fit.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { load, optim, save, tensor, zeros } from '../../lib/index.js';
import type { OptimizerStateDict } from '../../lib/optim/index.js';
import type { SchedulerStateDict } from '../../lib/optim/lr-scheduler/index.js';

const { lrScheduler } = optim;

interface Case {
  class: string;
  args: unknown[];
  options: Record<string, unknown>;
  optimizer: 'SGD' | 'Adam' | 'Adadelta';
  rates: number[][];
}
const goldens = JSON.parse(readFileSync(join(__dirname, '../golden/lr-scheduler.json'), 'utf8')) as {
  losses: string[];
  saved: number;
  cases: Case[];
};
const losses = goldens.losses.map((text) => Number(text.replace('inf', 'Infinity')));
const functions: Record<string, (x: number) => number> = {
  inverse: (epoch) => 1 / (1 + 0.3 * epoch),
  steps: (epoch) => (epoch % 3 ? 0.9 : 1.05),
  wave: (x) => 1 / (0.7 + x),
};

const named = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(named) : (functions[value as string] ?? value);
const camelCase = (key: string) =>
  key.replace(/^T_/, 't_').replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function optimizerOf({ optimizer }: Pick<Case, 'optimizer'>) {
  const options = { lr: 0.5, ...(optimizer === 'SGD' ? { momentum: 0.9 } : {}) };
  return new optim[optimizer]([{ params: zeros([2]) }, { params: zeros([2]), lr: 0.03 }], options);
}
type AnyOptimizer = ReturnType<typeof optimizerOf>;
type AnyScheduler = optim.lrScheduler.Scheduler & { step(value?: number): void };

function schedulerOf(spec: Case, optimizer: AnyOptimizer): AnyScheduler {
  const kind = lrScheduler[spec.class as 'StepLR'] as unknown as new (...args: unknown[]) => AnyScheduler;
  if (spec.class === 'SequentialLR' || spec.class === 'ChainedScheduler') {
    const parts = (spec.args[0] as Case[]).map((part) => schedulerOf(part, optimizer));
    return spec.class === 'SequentialLR' ? new kind(optimizer, parts, spec.args[1]) : new kind(parts);
  }
  const options = Object.entries(spec.options).map(([key, value]) => [camelCase(key), named(value)]);
  return new kind(optimizer, ...spec.args.map(named), Object.fromEntries(options));
}

function step(spec: Case, optimizer: AnyOptimizer, scheduler: AnyScheduler, at: number): void {
  optimizer.step();
  if (spec.class === 'ReduceLROnPlateau') scheduler.step(losses[at]!);
  else scheduler.step();
}

function seen(optimizer: AnyOptimizer): number[] {
  const groups = optimizer.paramGroups as { lr: number; momentum?: number; betas?: number[] }[];
  return [...groups.map((g) => g.lr), ...groups.flatMap((g) => g.momentum ?? g.betas?.[0] ?? [])];
}

// V8's and Python's powers and cosines differ by one unit of the last place now and then, which a recursion carries on.
function expectClose(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(4e-15 * Math.abs(expected[i]!) + 1e-17);
  });
}

const nameOf = (spec: Case): string =>
  `${spec.class}(${[...spec.args.map((arg) => (Array.isArray(arg) && typeof arg[0] === 'object' ? `[${arg.map(nameOf)}]` : JSON.stringify(arg))), JSON.stringify(spec.options)].join(', ')})`;
const cases = goldens.cases.map((spec, i) => [nameOf(spec), spec, i] as const);

const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => {
  warn.mockClear();
});

let states: { optimizer: OptimizerStateDict; scheduler: SchedulerStateDict }[];
beforeAll(async () => {
  states = await load(join(__dirname, '../golden/lr-schedulers.pt'));
});

// Without tensors, and with plain objects in place of Maps.
const plain = (value: unknown): unknown => {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'number' ? Number(value.toPrecision(13)) : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

describe.each(cases)('%s', (_, spec, index) => {
  test("sets PyTorch's rates and momenta", () => {
    const optimizer = optimizerOf(spec);
    const scheduler = schedulerOf(spec, optimizer);
    expectClose(seen(optimizer), spec.rates[0]!);
    for (let at = 0; at < spec.rates.length - 1; at++) {
      step(spec, optimizer, scheduler, at);
      expectClose(seen(optimizer), spec.rates[at + 1]!);
      expect(scheduler.getLastLr()).toEqual(seen(optimizer).slice(0, 2));
    }
  });

  test("has PyTorch's state", () => {
    const optimizer = optimizerOf(spec);
    const scheduler = schedulerOf(spec, optimizer);
    for (let at = 0; at < goldens.saved; at++) step(spec, optimizer, scheduler, at);
    expect(plain(scheduler.stateDict())).toEqual(plain(states[index]!.scheduler));
    expect(plain(optimizer.stateDict().param_groups)).toEqual(plain(states[index]!.optimizer.param_groups));
  });

  test("goes on from PyTorch's state", () => {
    const optimizer = optimizerOf(spec);
    const scheduler = schedulerOf(spec, optimizer);
    optimizer.loadStateDict(states[index]!.optimizer);
    scheduler.loadStateDict(states[index]!.scheduler);
    for (let at = goldens.saved; at < spec.rates.length - 1; at++) {
      step(spec, optimizer, scheduler, at);
      expectClose(seen(optimizer), spec.rates[at + 1]!);
    }
  });
});

test('states go by way of a file, with options that the scheduler was not made with', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cresset-scheduler-'));
  const spec = goldens.cases[3]!;
  const first = optimizerOf(spec);
  const scheduler = schedulerOf(spec, first);
  for (let at = 0; at < 5; at++) step(spec, first, scheduler, at);
  await save({ optimizer: first.stateDict(), scheduler: scheduler.stateDict() }, join(folder, 'state.pth'));
  const state = await load<{ optimizer: OptimizerStateDict; scheduler: SchedulerStateDict }>(join(folder, 'state.pth'));
  rmSync(folder, { recursive: true });
  const optimizer = optimizerOf(spec);
  const other = new lrScheduler.MultiStepLR(optimizer, [1]);
  optimizer.loadStateDict(state.optimizer);
  other.loadStateDict(state.scheduler);
  for (let at = 5; at < spec.rates.length - 1; at++) {
    step(spec, optimizer, other as AnyScheduler, at);
    expectClose(seen(optimizer), spec.rates[at + 1]!);
  }
});

test('a training is resumed by lastEpoch where the groups have initialLr', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 0.5 });
  expect(() => new lrScheduler.StepLR(optimizer, 2, { lastEpoch: 3 })).toThrow(
    "StepLR: param 'initialLr' is not specified in paramGroups[0] when resuming an optimizer",
  );
  Object.assign(optimizer.paramGroups[0]!, { initialLr: 1 });
  const scheduler = new lrScheduler.StepLR(optimizer, 2, { gamma: 0.5, lastEpoch: 3 });
  expect([scheduler.lastEpoch, scheduler.baseLrs, scheduler.getLastLr()]).toEqual([4, [1], [0.25]]);
});

test('step(epoch) sets the rates of that step, by what they started from', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 0.5 });
  const scheduler = new lrScheduler.ExponentialLR(optimizer, 0.5);
  optimizer.step();
  scheduler.step(3);
  expect(scheduler.getLastLr()).toEqual([0.0625]);
});

test('a plateau takes a tensor, and groups that were added later', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 0.5 });
  const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5, minLr: 0.3 });
  optimizer.addParamGroup({ params: zeros([1]), lr: 1 });
  scheduler.step(tensor(1));
  scheduler.step(tensor(2));
  expect(scheduler.getLastLr()).toEqual([0.3, 0.5]);
});

test('the waves of a cosine leave groups alone that were added later', () => {
  const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
  const scheduler = new lrScheduler.CosineAnnealingLR(optimizer, 1);
  optimizer.step();
  scheduler.step();
  optimizer.addParamGroup({ params: [zeros([1])], lr: 3 });
  scheduler.step();
  expect(scheduler.getLastLr()).toEqual([1, 3]);
});

test('a state that is refused in part changes nothing', () => {
  const make = () => {
    const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
    const parts = [new lrScheduler.ConstantLR(optimizer), new lrScheduler.ExponentialLR(optimizer, 0.5)];
    return new lrScheduler.SequentialLR(optimizer, parts, [3]);
  };
  const [scheduler, other] = [make(), make()];
  other.optimizer.step();
  other.step();
  const before = scheduler.stateDict();
  const state = other.stateDict();
  const parts = state._schedulers as SchedulerStateDict[];
  expect(() => scheduler.loadStateDict({ ...state, _schedulers: [parts[0], {}] })).toThrow(
    /^ExponentialLR.loadStateDict/,
  );
  expect(scheduler.stateDict()).toEqual(before);
  const plateau = new lrScheduler.ReduceLROnPlateau(scheduler.optimizer);
  const bad = { ...plateau.stateDict(), last_epoch: 7, threshold_mode: 'x' };
  expect(() => plateau.loadStateDict(bad)).toThrow(/loadStateDict: thresholdMode must be/);
  expect(plateau.lastEpoch).toBe(0);
});

describe('the order of steps', () => {
  test.each([
    ['a schedule that steps before its optimizer warns', false, 1],
    ['the usual order does not', true, 0],
  ])('%s', (_, first, warnings) => {
    const optimizer = new optim.SGD([zeros([1])]);
    const scheduler = new lrScheduler.StepLR(optimizer, 2);
    if (first) optimizer.step();
    scheduler.step();
    scheduler.step();
    expect(warn).toHaveBeenCalledTimes(warnings);
    if (warnings)
      expect(warn.mock.calls[0]![0]).toMatch(/^StepLR: step\(\) was called before the optimizer's step\(\)/);
  });
});

describe('refuses', () => {
  const make = () => new optim.SGD([{ params: zeros([1]) }, { params: zeros([1]) }], { lr: 0.5, momentum: 0.9 });
  const sgd = make();
  const constant = () => new lrScheduler.ConstantLR(sgd);
  test.each<[string, () => unknown, string]>([
    ['no optimizer', () => new lrScheduler.StepLR({} as never, 2), 'StepLR: an Object is not an Optimizer'],
    ['a size of 0', () => new lrScheduler.StepLR(sgd, 0), 'StepLR: stepSize must be a positive integer, got 0'],
    [
      'a gamma of text',
      () => new lrScheduler.ExponentialLR(sgd, '1' as never),
      'ExponentialLR: gamma must be a number',
    ],
    [
      'a milestone between steps',
      () => new lrScheduler.MultiStepLR(sgd, [1.5]),
      'MultiStepLR: milestones must be an integer, got 1.5',
    ],
    [
      'one milestone',
      () => new lrScheduler.MultiStepLR(sgd, 5 as never),
      'MultiStepLR: milestones must be an iterable of integers, got 5',
    ],
    [
      'a factor above 1',
      () => new lrScheduler.ConstantLR(sgd, { factor: 1.5 }),
      'ConstantLR: factor must be between 0 and 1, and not 0, got 1.5',
    ],
    [
      'a start at 0',
      () => new lrScheduler.LinearLR(sgd, { startFactor: 0 }),
      'LinearLR: startFactor must be between 0 and 1, and not 0, got 0',
    ],
    [
      'an end above 1',
      () => new lrScheduler.LinearLR(sgd, { endFactor: 2 }),
      'LinearLR: endFactor must be between 0 and 1, got 2',
    ],
    ['a wave of no length', () => new lrScheduler.CosineAnnealingLR(sgd, 0), 'tMax must be above 0, got 0'],
    [
      'a restart between steps',
      () => new lrScheduler.CosineAnnealingWarmRestarts(sgd, 1.5),
      'CosineAnnealingWarmRestarts: t0 must be an integer, got 1.5',
    ],
    [
      'a negative epoch',
      () => new lrScheduler.CosineAnnealingWarmRestarts(make(), 2).step(-1),
      'CosineAnnealingWarmRestarts: epoch must not be negative, got -1',
    ],
    [
      'one function for two groups',
      () => new lrScheduler.LambdaLR(sgd, [() => 1]),
      'LambdaLR: lrLambda must have the same length as optimizer.paramGroups: it has 1 values, paramGroups has 2',
    ],
    [
      'a function that gives nothing',
      () => new lrScheduler.LambdaLR(make(), (() => {}) as never),
      'LambdaLR: lrLambda must return a number, but gave undefined for step 0',
    ],
    [
      'cycles of another optimizer than one with momentum',
      () => new lrScheduler.CyclicLR(new optim.Adadelta([zeros([1])]), 0.1, 1),
      'CyclicLR: optimizer must support momentum or beta1 with the option cycleMomentum enabled; Adadelta has neither',
    ],
    [
      'three rates for two groups',
      () => new lrScheduler.CyclicLR(sgd, 0.1, [1, 2, 3]),
      'CyclicLR: maxLr must have the same length as optimizer.paramGroups: it has 3 values, paramGroups has 2',
    ],
    [
      'another mode of cycles',
      () => new lrScheduler.CyclicLR(sgd, 0.1, 1, { mode: 'sine' as never }),
      `CyclicLR: mode must be 'triangular', 'triangular2' or 'exp_range' where there is no scaleFn, got the string "sine"`,
    ],
    [
      'one cycle of unknown length',
      () => new lrScheduler.OneCycleLR(sgd, 1, { epochs: 2 }),
      'OneCycleLR: you must define either totalSteps or epochs and stepsPerEpoch',
    ],
    [
      'half an epoch',
      () => new lrScheduler.OneCycleLR(sgd, 1, { epochs: 0.5, stepsPerEpoch: 2 }),
      'OneCycleLR: epochs must be an integer, got 0.5',
    ],
    [
      'a start beyond the end',
      () => new lrScheduler.OneCycleLR(sgd, 1, { totalSteps: 2, pctStart: 1.1 }),
      'OneCycleLR: pctStart must be between 0 and 1, got 1.1',
    ],
    [
      'steps past the last',
      () => {
        const scheduler = new lrScheduler.OneCycleLR(sgd, 1, { totalSteps: 2 });
        sgd.step();
        for (let i = 0; i < 3; i++) scheduler.step();
      },
      'OneCycleLR: tried to step 3 times; the specified number of total steps is 2',
    ],
    [
      'a plateau that raises',
      () => new lrScheduler.ReduceLROnPlateau(sgd, { factor: 1 }),
      'ReduceLROnPlateau: factor must be below 1, got 1',
    ],
    [
      'a plateau of nothing',
      () => new lrScheduler.ReduceLROnPlateau(sgd).step(undefined as never),
      'ReduceLROnPlateau: metric must be a number or a Tensor, got undefined',
    ],
    [
      'bounds for groups that were added since',
      () => {
        const optimizer = make();
        const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0, minLr: [0, 0] });
        optimizer.addParamGroup({ params: zeros([1]) });
        for (let i = 0; i < 2; i++) scheduler.step(1);
      },
      'the optimizer has 3 parameter groups, but minLr was given for 2',
    ],
    [
      'nothing in sequence',
      () => new lrScheduler.SequentialLR(sgd, [], []),
      'SequentialLR: expects at least one scheduler',
    ],
    [
      'as many milestones as schedulers',
      () => new lrScheduler.SequentialLR(sgd, [constant(), constant()], [1, 2]),
      'SequentialLR: expects one scheduler more than milestones, but got 2 and 2',
    ],
    [
      'a plateau in a chain',
      () => new lrScheduler.ChainedScheduler([constant(), new lrScheduler.ReduceLROnPlateau(sgd) as never]),
      'ChainedScheduler: ReduceLROnPlateau, at schedulers[1], cannot be combined: its step needs a value',
    ],
    [
      'schedulers of two optimizers',
      () => new lrScheduler.SequentialLR(sgd, [constant(), new lrScheduler.ConstantLR(make())], [1]),
      'SequentialLR: all schedulers must belong to the same optimizer, but ConstantLR at schedulers[1] has another',
    ],
    [
      'a chain that would begin later',
      () => new lrScheduler.SequentialLR(sgd, [constant(), new lrScheduler.ChainedScheduler([constant()])], [1]),
      'SequentialLR: a ChainedScheduler can only come first, not at schedulers[1]',
    ],
    [
      'the state of another schedule',
      () => new lrScheduler.StepLR(sgd, 2).loadStateDict(constant().stateDict()),
      'StepLR.loadStateDict: the state has no gamma',
    ],
    [
      'a state of another kind',
      () => constant().loadStateDict({ ...constant().stateDict(), base_lrs: 0.1 }),
      'ConstantLR.loadStateDict: base_lrs must be an array of numbers, got 0.1',
    ],
    [
      'a state of nothing',
      () =>
        new lrScheduler.MultiStepLR(make(), [1]).loadStateDict({
          ...constant().stateDict(),
          milestones: null,
          gamma: 1,
        }),
      'MultiStepLR.loadStateDict: milestones must be an object, got null',
    ],
    [
      'a state with a NaN',
      () => new lrScheduler.ExponentialLR(sgd, 0.5).loadStateDict({ ...constant().stateDict(), gamma: Number.NaN }),
      'ExponentialLR.loadStateDict: gamma must be a number, got NaN',
    ],
    [
      'a state whose phases are none',
      () => {
        const cycle = new lrScheduler.OneCycleLR(make(), 1, { totalSteps: 9 });
        cycle.loadStateDict({ ...cycle.stateDict(), _schedule_phases: [{ end_step: 3 }] });
      },
      'OneCycleLR.loadStateDict: _schedule_phases holds what is no phase: {"end_step":3}',
    ],
    [
      'the state of the cycle of another momentum',
      () => {
        const cycle = new lrScheduler.CyclicLR(make(), 0.1, 1);
        cycle.loadStateDict({ ...cycle.stateDict(), use_beta1: true });
      },
      'CyclicLR.loadStateDict: use_beta1 is true but false for this optimizer',
    ],
    [
      'a state of fewer tops than starts',
      () => {
        const cycle = new lrScheduler.CyclicLR(make(), 0.1, 1);
        cycle.loadStateDict({ ...cycle.stateDict(), max_lrs: [] });
      },
      'CyclicLR.loadStateDict: there are 2 values to start from but 0 to go up to',
    ],
    [
      'milestones that are none',
      () => {
        const steps = new lrScheduler.MultiStepLR(make(), [1]);
        steps.loadStateDict({ ...steps.stateDict(), milestones: { two: 1 } });
      },
      'MultiStepLR.loadStateDict: milestones must be counts of integers, got 1 times NaN',
    ],
    [
      'a state of more milestones than schedulers',
      () => {
        const optimizer = make();
        const parts = () => new lrScheduler.ExponentialLR(optimizer, 0.5);
        const sequence = new lrScheduler.SequentialLR(optimizer, [parts(), parts()], [1]);
        sequence.loadStateDict({ ...sequence.stateDict(), _milestones: [1, 2] });
      },
      'SequentialLR.loadStateDict: _milestones must be 1 numbers, got the array [1, 2]',
    ],
    [
      'a gamma that is NaN',
      () => new lrScheduler.StepLR(make(), 2, { gamma: Number.NaN }),
      'StepLR: gamma must be finite, got NaN',
    ],
    [
      'a momentum that is no number',
      () => new lrScheduler.CyclicLR(make(), 0.1, 1, { baseMomentum: 'x' as never }),
      'CyclicLR: baseMomentum must be a number, got the string "x"',
    ],
    [
      'to divide by 0',
      () => new lrScheduler.OneCycleLR(make(), 1, { totalSteps: 9, divFactor: 0 }),
      'OneCycleLR: divFactor must be above 0, got 0',
    ],
    [
      'rates that are NaN',
      () => new lrScheduler.LambdaLR(make(), () => Number.NaN),
      'LambdaLR: the learning rate of paramGroups[0] would become NaN',
    ],
    [
      'one cycle of a group that came later',
      () => {
        const optimizer = make();
        const cycle = new lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: 9 });
        optimizer.addParamGroup({ params: [zeros([1])] });
        optimizer.step();
        cycle.step();
      },
      "OneCycleLR: param 'maxMomentum' is not specified in paramGroups[2]",
    ],
    [
      'no state',
      () => constant().loadStateDict(null as never),
      'ConstantLR.loadStateDict: expected the state of a scheduler',
    ],
    [
      'the state of fewer schedulers',
      () => new lrScheduler.ChainedScheduler([constant()]).loadStateDict({ _last_lr: [], _schedulers: [] }),
      'ChainedScheduler.loadStateDict: the state must have _schedulers, 1 of them',
    ],
  ])('%s', (_, misuse, message) => {
    expect(misuse).toThrow(message);
  });
});
