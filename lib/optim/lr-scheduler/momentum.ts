// Momentum that goes down while the rate goes up: of SGD its momentum, of Adam its first beta.
import { CressetError } from '../../errors.js';
import { snakeCase } from '../state.js';
import { groupsOf, type Scheduled, type ScheduledGroup, type SchedulerStateDict } from './scheduler.js';

/** Whether the momentum of `optimizer` is its first beta; throws where it has neither. */
export function usesBeta1(optimizer: Scheduled, name: string): boolean {
  const { defaults } = optimizer;
  if (!('momentum' in defaults) && !('betas' in defaults))
    throw new CressetError(
      `${name}: optimizer must support momentum or beta1 with the option cycleMomentum enabled; ${optimizer.constructor.name} has neither`,
    );
  return 'betas' in defaults;
}

/** Throws unless the state of a schedule moves the same momentum as the schedule itself, or none like it. */
export function checkMomentum(
  own: { cycleMomentum: boolean; useBeta1?: boolean },
  fields: SchedulerStateDict,
  name: string,
): void {
  for (const key of ['cycleMomentum', 'useBeta1'] as const)
    if (fields[key] !== own[key])
      throw new CressetError(`${name}: ${snakeCase(key)} is ${fields[key]} but ${own[key]} for this optimizer`);
}

/** Sets the momentum of a group. */
export function setMomentum(group: ScheduledGroup, momentum: number, useBeta1: boolean): void {
  if (useBeta1) group.betas = [momentum, group.betas![1]];
  else group.momentum = momentum;
}

/** Starts from the largest momentum, and notes the bounds in the groups, where optimizers save them. */
export function startMomentum(
  optimizer: Scheduled,
  base: readonly number[],
  max: readonly number[],
  useBeta1: boolean,
): void {
  groupsOf(optimizer).forEach((group, i) => {
    setMomentum(group, max[i]!, useBeta1);
    group.maxMomentum = max[i]!;
    group.baseMomentum = base[i]!;
  });
}
