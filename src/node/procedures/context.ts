/** What a node procedure is given: its node, the world it acts on, and the order it obeys. */
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { FenceNumber, NodeName, RemediationId } from '../../core/model/names.ts';
import type { Clock } from '../../world/clock.ts';
import type { NodeJournal } from '../../world/files/node-journal.ts';
import type { Runner } from '../../world/remote/runner.ts';
import type { VipControl } from './vip-control.ts';

/** Where a PostgreSQL server is reached. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ProcedureContext {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly runner: Runner;
  readonly journal: NodeJournal;
  readonly vip: VipControl;
  /** This node's own server. */
  readonly local: Endpoint;
  /** Another node's server. Throws `config-invalid` where the cluster has no such node. */
  readonly endpointOf: (node: NodeName) => Endpoint;
  /** The node lock's descriptor, for long children that must not run twice; empty where no lock is held. */
  readonly lockDescriptors: readonly number[];
}

/** Who asked: the node refuses a smaller fence number than it has obeyed. */
export interface Order {
  readonly remediation: RemediationId;
  readonly fenceNumber: FenceNumber;
}
