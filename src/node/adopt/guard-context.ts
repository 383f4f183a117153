/** What adoption and pinning are given; a `ProcedureContext` is one too. */
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { Clock } from '../../world/clock.ts';
import type { Runner } from '../../world/remote/runner.ts';

export interface GuardContext {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly runner: Runner;
}
