// What code in a worker can ask about it.

/** Which worker of a `DataLoader` this thread is. */
export interface WorkerInfo {
  /** 0 to `numWorkers` - 1. */
  readonly id: number;
  /** How many workers there are. */
  readonly numWorkers: number;
  /** The seed that this thread's generator started with, another one in each worker. */
  readonly seed: number;
  /** This worker's own dataset. */
  readonly dataset: unknown;
}

let info: WorkerInfo | null = null;

/** @internal Notes that this thread is a worker. */
export function setWorkerInfo(value: WorkerInfo): void {
  info = value;
}

/**
 * Which worker of a `DataLoader` the calling thread is; null in any other thread. (`torch.utils.data.get_worker_info`)
 * @example
 * import { workerInfo } from 'cresset/data';
 * workerInfo(); // null
 */
export function workerInfo(): WorkerInfo | null {
  return info;
}
