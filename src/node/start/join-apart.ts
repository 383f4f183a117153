/** Runs `joinAsStandby` and `follow` in a process of its own: what the agent calls, whose heap and event loop must not carry a rewind. */
import { fileURLToPath } from 'node:url';
import type { Paths } from '../../config/paths.ts';
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { runLocally } from '../../world/remote/local-runner.ts';
import { describeResult, type Command } from '../../world/remote/runner.ts';
import type { Identity } from '../identify.ts';
import { readAnswer, type ApartResult, type ApartTask } from './apart-answer.ts';
import type { FollowOutcome } from './follow.ts';
import type { JoinOutcome, JoinPolicy } from './joining.ts';

/** Under the same ending as this file: sources run as they are, an installed package is JavaScript. */
const PROGRAM = fileURLToPath(import.meta.url).replace(/join-apart(\.[jt]s)$/, 'apart-process$1');
/** Beyond the limits of its parts, which end by themselves. */
const GRACE_SECONDS = 60;

/** As `joinAsStandby`. The child holds the node lock and goes on where the agent ends; an agent that asks again is told `locked`. */
export function joinApart(
  identity: Identity,
  paths: Paths,
  holder: NodeName,
  policy: JoinPolicy,
): Promise<JoinOutcome> {
  const { timings } = identity.cluster;
  const seconds =
    timings.accountSeconds + timings.rewindSeconds + timings.basebackupSeconds + 4 * timings.startSeconds;
  return runApart<'join'>({ verb: 'join', identity, paths, holder, policy }, seconds);
}

/** As `follow`. */
export function followApart(identity: Identity, paths: Paths, holder: NodeName): Promise<FollowOutcome> {
  const { timings } = identity.cluster;
  const seconds = timings.streamingSeconds + timings.markerRowSeconds;
  return runApart<'follow'>({ verb: 'follow', identity, paths, holder }, seconds);
}

async function runApart<Verb extends 'join' | 'follow'>(
  task: ApartTask & { readonly verb: Verb },
  seconds: number,
): Promise<ApartResult[Verb]> {
  const command: Command = {
    program: process.execPath,
    arguments: [PROGRAM],
    input: JSON.stringify(task),
    timeoutMs: (seconds + GRACE_SECONDS) * 1_000,
  };
  const result = await runLocally(command);
  if (result.kind !== 'done')
    throw new PrimacyError(
      'command-failed',
      `cannot ${task.verb} from ${task.identity.node.name}: ${describeResult(command, result)}`,
      { retryable: true },
    );
  return readAnswer(result.stdout) as ApartResult[Verb];
}
