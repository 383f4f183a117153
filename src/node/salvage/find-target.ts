/** Where a bundle is put back: the primary of this moment, on this node's own socket where it is here, else by network. */
import { join } from 'node:path';
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { connectionString } from '../../world/postgres/recovery-settings.ts';
import { readSurvivorFacts } from '../../world/postgres/survivor.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { sessionTo } from '../procedures/survivor-session.ts';
import type { ReplayTarget } from './replay-bundle.ts';

/** `into`: libpq keywords without dbname, a person's choice. Throws `refused` where nobody, or more than one, is writable. */
export async function findTarget(context: ProcedureContext, into: string | undefined): Promise<ReplayTarget> {
  const { postgres } = context.cluster;
  const psql = join(postgres.binDirectory, 'psql');
  if (into !== undefined) {
    if (/^\w+:\/\//.test(into) || /\bdbname\s*=/.test(into))
      throw new PrimacyError(
        'usage',
        `cannot use --into ${JSON.stringify(into)}: expected libpq keywords without dbname, such as "host=10.0.0.11 user=postgres"`,
      );
    return { name: into, psql, prefix: [], conninfo: into };
  }
  const name = await findPrimary(context);
  if (name === context.node.name) {
    const prefix = ['runuser', '-u', postgres.user, '--'];
    return { name, psql, prefix, conninfo: connectionString({ port: postgres.port }) };
  }
  const { host, port } = context.endpointOf(name);
  return { name, psql, prefix: [], conninfo: connectionString({ host, port, user: postgres.user }) };
}

async function findPrimary(context: ProcedureContext): Promise<NodeName> {
  const limitMs = context.cluster.timings.sqlStatementSeconds * 1_000;
  const writable: NodeName[] = [];
  for (const { name, kind } of context.cluster.nodes) {
    if (kind !== 'database') continue;
    const isOwn = name === context.node.name;
    const session = sessionTo(context, isOwn ? context.local : context.endpointOf(name as NodeName));
    try {
      if ((await readSurvivorFacts(session, limitMs)).writable) writable.push(name as NodeName);
    } catch (error) {
      // A standby and a silent node are no target; which of them it is does not matter here.
      if (!(error instanceof PrimacyError)) throw error;
    } finally {
      await session.close();
    }
  }
  const [primary, ...others] = writable;
  if (primary === undefined || others.length > 0)
    throw new PrimacyError(
      'refused',
      `cannot replay: ${primary === undefined ? 'no node accepts writes' : `${writable.join(' and ')} accept writes`}; name one with --into`,
    );
  return primary;
}
