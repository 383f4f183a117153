/** Drills about people at work: a pause during which agent, keepalived, standby, network and PostgreSQL are away, and its end. */
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../../world/clock.ts';
import { describeResult, type Command } from '../../../world/remote/runner.ts';
import { poweredInit, runnerInside } from '../../hosts/enter.ts';
import { PRIMACY_COMMAND } from '../../hosts/prepare.ts';
import { longestGap, readAcknowledgements } from '../../measure/acknowledgements.ts';
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';
import { QUICK_TAKEOVER } from './shapes.ts';

const PAUSE = ['pause', '--for', '10m', '--reason', 'kernel update on pg2'] as const;
const REFUSED = 10;
/** Nobody's lease or patience is longer. */
const LONGER_THAN_A_LEASE_SECONDS = 6;
const RESUME_LIMIT_MS = 20_000;
const AGAIN_MS = 500;

/** A pause silences nothing: what is away is told, and what Prometheus cannot reach. */
const WORK_IS_SEEN = [
  'AgentDown',
  'KeepalivedDown',
  'LeaseQuorumAtRisk',
  'LeaseNotHeld',
  'PostgresNoPrimary',
  'VipMissing',
  'HeartbeatStale',
  'ReplicationBroken',
  ...QUICK_TAKEOVER,
];

export const maintenanceDrills: readonly (readonly [string, Drill])[] = [
  [
    'pause',
    {
      summary:
        'primacy pause; agent, keepalived and network of the primary away, PostgreSQL restarted by hand, the standby off: clients miss the restart alone; primacy resume, and a failover as always',
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: WORK_IS_SEEN,
      story: workInPause,
    },
  ],
];

async function workInPause(stage: Stage): Promise<void> {
  await stage.act(() => primacy(stage, 'pg1', PAUSE));
  await refused(stage, 'pg1', ['switchover']);
  const began = Date.now();
  await awayFor(stage, 'kill-agent', 'pg1');
  await awayFor(stage, 'kill-keepalived', 'pg1');
  await awayFor(stage, 'kill-agent', 'witness');
  await awayFor(stage, 'partition', 'pg1', ['client']);
  const gapMs = longestGap(await readAcknowledgements(stage.lab.name), began, Date.now());
  stage.count('gapOfTheWorkMs', gapMs);
  if (gapMs > LONGER_THAN_A_LEASE_SECONDS * 1_000)
    throw new PrimacyError('postcondition-missing', `cannot go on: clients waited ${gapMs} ms in the pause`);

  const restarted = Date.now();
  await stage.strike('restart-postgres', 'pg1');
  await stage.takenOver('pg1');
  stage.count(
    'gapOfTheRestartMs',
    longestGap(await readAcknowledgements(stage.lab.name), restarted, Date.now()),
  );

  await stage.strike('power-off', 'pg2');
  await stage.stand(LONGER_THAN_A_LEASE_SECONDS);
  await stage.mend('power-off', 'pg2');
  await stage.onlyWriters('pg1');
  await resumeOnceHeard(stage);
  await stage.whole();
  await stage.ready('pg2');

  stage.newAct();
  await stage.strike('kill-postgres', 'pg1');
  await stage.takenOver('pg2');
  await stage.whole();
}

/** Something is away for longer than any lease without a pause; nobody else writes meanwhile. */
async function awayFor(
  stage: Stage,
  fault: string,
  host: string,
  others: readonly string[] = [],
): Promise<void> {
  await stage.strike(fault, host, others);
  await stage.stand(LONGER_THAN_A_LEASE_SECONDS);
  await stage.onlyWriters('pg1');
  await stage.mend(fault, host);
  stage.note(`${fault} on ${host} cost nobody the lease`);
}

/** Refused until a majority renews again: a person asks once more. */
async function resumeOnceHeard(stage: Stage): Promise<void> {
  const { command, runner } = await asked(stage, 'pg1', ['resume']);
  const done = await pollUntil(systemClock, RESUME_LIMIT_MS, AGAIN_MS, async () => {
    const result = await runner.run(command);
    return result.kind === 'failed' && result.exitCode === REFUSED ? undefined : result;
  });
  if (done?.kind === 'done') return;
  throw failure(done === undefined ? 'refused to the end' : describeResult(command, done));
}

async function refused(stage: Stage, host: string, words: readonly string[]): Promise<void> {
  const { command, runner } = await asked(stage, host, words);
  const result = await runner.run(command);
  if (result.kind !== 'failed' || result.exitCode !== REFUSED)
    throw failure(`it was to be refused: ${describeResult(command, result)}`);
}

async function primacy(stage: Stage, host: string, words: readonly string[]): Promise<void> {
  const { command, runner } = await asked(stage, host, words);
  const result = await runner.run(command);
  if (result.kind !== 'done') throw failure(describeResult(command, result));
}

async function asked(
  { lab }: Stage,
  host: string,
  words: readonly string[],
): Promise<{ readonly command: Command; readonly runner: ReturnType<typeof runnerInside> }> {
  const command = { program: PRIMACY_COMMAND, arguments: [...words], timeoutMs: 60_000 };
  return { command, runner: runnerInside(await poweredInit(lab.name, host)) };
}

function failure(why: string): PrimacyError {
  return new PrimacyError('command-failed', `cannot work in a pause: ${why}`);
}
