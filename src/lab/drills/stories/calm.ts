/** The drill in which nothing is wrong: a healthy cluster on a slow network and busy cores must be left alone. */
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { poweredInit, runInside } from '../../hosts/enter.ts';
import { longestGap, readAcknowledgements } from '../../measure/acknowledgements.ts';
import { firstDecision, groundAt, readGround } from '../../measure/ground.ts';
import { hostNamed, topologyOf } from '../../topology.ts';
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';

const JITTER_MS = 50;
const ROUNDS = 3;
const ROUND_SECONDS = 20;
const PINGS = 100;

export const calmDrills: readonly (readonly [string, Drill])[] = [
  [
    'calm',
    {
      summary: `0 to ${JITTER_MS} ms of jitter on every frame, all cores busy, pgbench: nobody is fenced and nobody is promoted`,
      endsOn: 'pg1',
      twoPrimaries: false,
      lab: { jitterMs: JITTER_MS },
      story: async (stage) => {
        await stage.prepare('pgbench', 'client');
        await stage.prepare('saturate-cpu', 'client');
        await stage.act(() => countRoundTrips(stage));
        for (let round = 1; round <= stage.repetitions(ROUNDS); round += 1) {
          await stage.stand(ROUND_SECONDS);
          await requireCalm(stage);
        }
        const gap = longestGap(await readAcknowledgements(stage.lab.name), stage.struck ?? 0, Date.now());
        stage.count('longestGapMs', Math.round(gap));
        await stage.restore('pgbench', 'client');
        await stage.mend('saturate-cpu', 'client');
      },
    },
  ],
];

/** The jitter as a host sees it, which proves that it is there. */
async function countRoundTrips(stage: Stage): Promise<void> {
  const { name, nodes } = stage.lab;
  const [peer] = hostNamed(topologyOf(name, nodes), 'pg2').addresses;
  const output = await runInside(await poweredInit(name, 'pg1'), {
    program: 'ping',
    arguments: ['-q', '-c', String(PINGS), '-i', '0.05', peer],
    timeoutMs: 60_000,
  });
  const [, least, mean, most] = /= ([\d.]+)\/([\d.]+)\/([\d.]+)\//.exec(output) ?? [];
  stage.count('pingLeastMs', Math.round(Number(least)));
  stage.count('pingMeanMs', Math.round(Number(mean)));
  stage.count('pingMostMs', Math.round(Number(most)));
}

/** No gate closed, no fence, no other lease, and the VIP where it was. */
async function requireCalm(stage: Stage): Promise<void> {
  const since = stage.struck ?? 0;
  const ground = await readGround(stage.lab.name);
  const decided = firstDecision(ground, since);
  const left = ground.find(
    (it) => it.host === 'pg1' && it.key === 'vip' && it.value === '' && it.at >= since,
  );
  const moved = left?.at ?? (groundAt(ground, 'pg1', 'vip', Date.now()) === '1' ? null : Date.now());
  const alarm = decided ?? moved;
  if (alarm === null) return;
  throw new PrimacyError(
    'postcondition-missing',
    `cannot call it calm: ${decided === null ? 'the VIP left pg1' : 'an agent acted'} after ${Math.round((alarm - since) / 1_000)} s`,
  );
}
