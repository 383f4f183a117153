/** How much of a datagram a report and a proof may take: together with lease and envelope they must fit. */
import type { NodeConfig } from '../../config/schema.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';

const LIMIT_BYTES = { report: 4_096, proof: 3_072 } as const;

/** Why this value of `node` cannot be sent; null where it can. */
export function tooLarge(what: 'report' | 'proof', node: string, value: unknown): PrimacyError | null {
  const bytes = Buffer.byteLength(JSON.stringify(value ?? null));
  const limit = LIMIT_BYTES[what];
  if (bytes <= limit) return null;
  return new PrimacyError('refused', `cannot send the ${what} of ${node}: ${bytes} bytes, at most ${limit}`);
}

/** What a node says of itself that has nothing to say yet. */
export function emptyReport(node: NodeConfig): NodeReport {
  return {
    node: node.name as NodeName,
    kind: node.kind,
    adopted: false,
    server: null,
    holdsVip: null,
    fenced: null,
    readyToSucceed: false,
    priority: node.priority,
    sights: [],
  };
}
