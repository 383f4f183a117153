/** Runs the lease machine of this node: datagrams in and out, the voter's memory on disk, the deadline on tmpfs. */
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { Log } from '../log.ts';
import type { LeaseService } from './lease-service.ts';
import type { LeaseStatistics } from './lease-statistics.ts';

export interface LeaseServiceParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Pick<Paths, 'vote' | 'leaseFile'>;
  readonly log: Log;
}

export interface RunningLeaseService extends LeaseService {
  readonly statistics: () => LeaseStatistics;
}

/**
 * Starts voting. Goes on with this node's lease where its deadline on tmpfs has not passed. Throws `config-invalid` where the cluster's
 * secret cannot be read, and `refused` where the port cannot be bound.
 */
export function createLeaseService(parts: LeaseServiceParts): Promise<RunningLeaseService> {
  return Promise.reject(new Error(`the lease service of ${parts.node.name} is not built yet`));
}
