// Memory goes back to the system while the process computes nothing.

interface Watched {
  enqueued(): number;
  pending(): number;
  wake(): void;
  releaseIdle(): void;
  memoryStats(): { liveBytes: number; cachedBytes: number; scratchBytes: number };
}

/** How often to look, in milliseconds: what is not used between two looks is given back. */
export const idlePeriod = 5_000;

/** Returns the function to call when memory was taken; from then on it looks until none is held any more. */
export function watchIdle(native: Watched): () => void {
  let watching = false;
  let seen = -1;
  const later = () => setTimeout(look, idlePeriod).unref();
  const look = () => {
    const tasks = native.enqueued();
    if (tasks === seen && native.pending() === 0) native.releaseIdle();
    else if (tasks === seen) native.wake();
    seen = tasks;
    const { liveBytes, cachedBytes, scratchBytes } = native.memoryStats();
    // Live tensors may be disposed or become garbage without another op.
    watching = liveBytes + cachedBytes + scratchBytes > 0 || native.pending() > 0;
    if (watching) later();
  };
  return () => {
    if (!watching) later();
    watching = true;
  };
}
