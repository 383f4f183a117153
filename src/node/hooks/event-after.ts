/** Which event a duty that ended well is, if any: pure. */
import type { Duty } from '../../core/guard/duty.ts';
import type { HookEvent } from '../../core/model/hook.ts';
import type { Done } from '../keeper/context.ts';

/** Ways to follow the holder that brought this node back; `already` and `reload` found a standby that only had to be pointed there. */
const REJOINED_BY: readonly unknown[] = ['start', 'rewind', 'basebackup'];

/** `done` is what the duty's procedure ended with. Null = nothing that a user's command is told. */
export function eventAfter(duty: Duty, done: Done): HookEvent | null {
  switch (duty.kind) {
    case 'succeed':
    case 'take-over':
    case 'promote-here':
      return 'promoted';
    case 'fence':
      return 'fenced';
    case 'join':
    case 'follow':
      return REJOINED_BY.includes(done['how']) ? 'rejoined' : null;
    case 'step-down':
      return duty.cause === 'switchover' && typeof done['successor'] === 'string' ? 'switchedOver' : null;
    case 'observe':
    case 'hold':
    case 'wait':
    case 'start':
    case 'reclaim':
    case 'adopt-lease':
      return null;
  }
}
