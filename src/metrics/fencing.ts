/** Which of the fences beside the agent are at work on this node: what stands between a lost lease and a write. */
import type { Known } from '../core/model/known.ts';
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Nothing where it is unknown, and nothing of a guard that the configuration does without. */
export function fencingMetrics({ fencing }: ScrapeView): readonly MetricSample[] {
  if (fencing === null || fencing.adopted.kind === 'unknown') return [];
  const adopted = fencing.adopted.value;
  const samples = [metric('primacy_adopted', adopted ? 1 : 0)];
  // Also before adoption: whoever takes a pair over asks the other nodes for it.
  if (fencing.deadMan?.kind === 'known')
    samples.push(metric('primacy_keepalived_prepared', fencing.deadMan.value ? 1 : 0));
  if (!adopted) return samples;
  const kernel = fencing.kernel === null ? null : fencing.kernel.kind === 'active';
  const alive = (guard: string, value: boolean): MetricSample =>
    metric('primacy_fence_guard_alive', value ? 1 : 0, { guard });
  samples.push(...knownAs('fuse', fencing.fuse, alive), ...knownAs('dead_man', fencing.deadMan, alive));
  if (kernel !== null) samples.push(alive('kernel', kernel));
  samples.push(metric('primacy_kernel_lease_active', kernel === true ? 1 : 0));
  return samples;
}

function knownAs(
  guard: string,
  seen: Known<boolean> | null,
  alive: (guard: string, value: boolean) => MetricSample,
): readonly MetricSample[] {
  return seen?.kind === 'known' ? [alive(guard, seen.value)] : [];
}
