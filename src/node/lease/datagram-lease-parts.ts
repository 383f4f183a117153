/** What the lease service of one node is made of. */
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { Log } from '../log.ts';
import type { MemoryFile } from './vote-store.ts';

export interface DatagramLeaseParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly leaseFile: string;
  readonly overrideFile: string;
  readonly log: Log;
  readonly now: () => number;
  readonly memoryFile: MemoryFile;
}
