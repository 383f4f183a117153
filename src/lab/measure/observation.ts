/** One fresh look at a lab host with the product's own `observe`, run inside the host without SSH and without the agent. */
import { unknown, type Known } from '../../core/model/known.ts';
import type { NodeObservation } from '../../core/model/observation.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { decodeReply, encodeRequest } from '../../world/remote/protocol.ts';
import { runInside } from '../hosts/enter.ts';
import { PRIMACY_COMMAND } from '../hosts/prepare.ts';

const LIMIT_MS = 15_000;

/** Never throws: what could not be seen is unknown. */
export async function observeHost(init: number): Promise<Known<NodeObservation>> {
  try {
    const output = await runInside(init, {
      program: PRIMACY_COMMAND,
      arguments: ['node', '--ssh'],
      environment: { SSH_ORIGINAL_COMMAND: encodeRequest({ verb: 'observe' }) },
      timeoutMs: LIMIT_MS,
    });
    const reply = decodeReply('observe', output);
    return reply.ok ? { kind: 'known', value: reply.result } : unknown(reply.message);
  } catch (error) {
    return unknown(errorText(error));
  }
}
