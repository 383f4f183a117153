/** `primacy switchover` in a lab host, asked for again while the standby that has just joined is not ready yet. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { describeResult, type Command } from '../../world/remote/runner.ts';
import { poweredInit, runnerInside } from '../hosts/enter.ts';
import { PRIMACY_COMMAND } from '../hosts/prepare.ts';

const REFUSED = 10;
const READY_LIMIT_MS = 30_000;
const AGAIN_MS = 200;
const LIMIT_MS = 120_000;

/** Changes the roles; `to` null: whichever standby the agent chooses. Throws `command-failed` where it is refused to the end, or fails. */
export async function switchOverFrom(lab: string, from: string, to: string | null): Promise<void> {
  const command: Command = {
    program: PRIMACY_COMMAND,
    arguments: to === null ? ['switchover'] : ['switchover', '--to', to],
    timeoutMs: LIMIT_MS,
  };
  const runner = runnerInside(await poweredInit(lab, from));
  const done = await pollUntil(systemClock, READY_LIMIT_MS, AGAIN_MS, async () => {
    const result = await runner.run(command);
    if (result.kind === 'failed' && result.exitCode === REFUSED) return undefined;
    return result;
  });
  if (done?.kind !== 'done')
    throw new PrimacyError(
      'command-failed',
      `cannot switch over from ${from}: ${done === undefined ? 'refused to the end' : describeResult(command, done)}`,
    );
}
