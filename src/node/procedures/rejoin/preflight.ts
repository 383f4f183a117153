/** What has to hold before a rejoin changes anything on this node; everything that is missing is said at once. */
import { dirname } from 'node:path';
import { bytesNeeded, inMegabytes } from '../../../core/divergence/rejoin-preflight.ts';
import { freeBytesAt } from '../../../world/files/free-space.ts';
import { readCopyBytes, readReadiness } from '../../../world/postgres/readiness.ts';
import { readHostReadiness } from '../../preflight/host-readiness.ts';
import type { ProcedureContext } from '../context.ts';
import { refusal } from '../preconditions.ts';
import type { Survivor } from '../survivor-session.ts';

/** Returns why pg_rewind cannot work against this survivor; null where it can. Throws `refused` where nothing could work. */
export async function preflight(context: ProcedureContext, survivor: Survivor): Promise<string | null> {
  const { postgres, timings } = context.cluster;
  const host = await readHostReadiness(context.runner, postgres);
  if (host.missing.kind === 'known' && host.missing.value.length > 0)
    throw refusal(context, `not found: ${host.missing.value.join(', ')}`);
  const server = await readReadiness(survivor.session, timings.sqlStatementSeconds * 1_000);
  const needed = bytesNeeded({ walBytes: server.walBytes, databaseBytes: null });
  if (host.freeBytes.kind === 'known' && host.freeBytes.value < needed)
    throw refusal(
      context,
      `${inMegabytes(host.freeBytes.value)} are free beside the data directory, a rejoin needs ${inMegabytes(needed)}`,
    );
  if (!server.fullPageWrites) return `full_page_writes is off on ${survivor.name}`;
  const missing = server.missingGrants;
  return missing.length > 0 ? `the role lacks ${missing.join(', ')} on ${survivor.name}` : null;
}

/** Throws `refused` where a whole copy would not fit beside the old directory, which stays until the copy is complete. */
export async function requireRoomForCopy(context: ProcedureContext, survivor: Survivor): Promise<void> {
  const { postgres, timings } = context.cluster;
  const place = dirname(postgres.dataDirectory);
  const free = await freeBytesAt(context.runner, place);
  const needed = await readCopyBytes(survivor.session, timings.accountSeconds * 1_000);
  if (free.kind === 'known' && free.value < needed)
    throw refusal(
      context,
      `a copy of ${survivor.name} needs ${inMegabytes(needed)}, ${inMegabytes(free.value)} are free in ${place}: make room, for example by removing what earlier copies replaced`,
    );
}
