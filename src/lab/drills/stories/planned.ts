/** Drills about what people do on purpose: changes of roles, there and back, while clients write. */
import { longestGap, readAcknowledgements } from '../../measure/acknowledgements.ts';
import type { Drill } from '../drill.ts';
import { QUICK_TAKEOVER } from './shapes.ts';
import type { Stage } from '../stage.ts';
import { switchOverFrom } from '../switch-over.ts';

const ROUNDS = 10;

export const plannedDrills: readonly (readonly [string, Drill])[] = [
  [
    'switchover',
    {
      summary: `primacy switchover there and back, ${ROUNDS} times: nothing is lost`,
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: (stage) => thereAndBack(stage),
    },
  ],
  [
    'switchover-under-load',
    {
      summary: `the same while pgbench writes: nothing is lost`,
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.prepare('pgbench', 'client');
        await thereAndBack(stage);
        await stage.restore('pgbench', 'client');
      },
    },
  ],
];

/** `settled`: what else must be seen on the new primary before the next round. */
export async function thereAndBack(
  stage: Stage,
  settled: (stage: Stage, primary: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const gaps: number[] = [];
  for (let round = 1; round <= stage.repetitions(ROUNDS); round += 1) {
    gaps.push(await switchOver(stage, 'pg1', 'pg2'));
    await settled(stage, 'pg2');
    gaps.push(await switchOver(stage, 'pg2', 'pg1'));
    await settled(stage, 'pg1');
  }
  const sorted = gaps.toSorted((a, b) => a - b);
  stage.count('switchovers', gaps.length);
  stage.count('medianGapMs', sorted[Math.floor(sorted.length / 2)] ?? 0);
  stage.count('longestGapMs', sorted.at(-1) ?? 0);
}

/** An act of its own: the figures of the run are those of the last. Returns the longest gap between two acknowledged rows, milliseconds. */
async function switchOver(stage: Stage, from: string, to: string): Promise<number> {
  const { name } = stage.lab;
  const began = Date.now();
  stage.newAct();
  await stage.act(() => switchOverFrom(name, from, null));
  await stage.takenOver(to);
  await stage.whole();
  return longestGap(await readAcknowledgements(name), began, Date.now());
}
