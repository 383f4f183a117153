/** The context of this host, with the real world behind it. */
import type { Paths } from '../../config/paths.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { systemClock } from '../../world/clock.ts';
import { fileJournal } from '../../world/files/node-journal.ts';
import { localRunner } from '../../world/remote/local-runner.ts';
import type { Identity } from '../identify.ts';
import type { ProcedureContext } from './context.ts';
import { hostVipControl } from './vip-control.ts';

/** `lockDescriptors`: the node lock's, for children that must not run twice. */
export function hostContext(
  { cluster, node }: Identity,
  paths: Paths,
  lockDescriptors: readonly number[],
): ProcedureContext {
  const { port } = cluster.postgres;
  return {
    cluster,
    node,
    paths,
    clock: systemClock,
    runner: localRunner,
    journal: fileJournal(paths.nodeJournal),
    vip: hostVipControl(cluster, paths, localRunner, systemClock),
    local: { host: '127.0.0.1', port },
    endpointOf: (name) => {
      const host = cluster.nodes.find((candidate) => candidate.name === name)?.addresses[0];
      if (host === undefined)
        throw new PrimacyError(
          'config-invalid',
          `cannot reach ${name}: cluster ${cluster.name} has no such node`,
        );
      return { host, port };
    },
    lockDescriptors,
  };
}
