/** Starts the lease of this node: datagrams in and out, the voter's memory on disk, the deadline on tmpfs, and the time. */
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import { readSecretFile } from '../../config/secret-file.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import type { Log } from '../log.ts';
import { DatagramLease } from './datagram-lease.ts';
import type { RunningLeaseService } from './lease-service.ts';
import { memoryFileAt, type MemoryFile } from './vote-store.ts';

export interface LeaseServiceParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Pick<Paths, 'vote' | 'leaseFile' | 'overrideFile'>;
  readonly log: Log;
  /** Boot-time milliseconds; another one for tests only. */
  readonly now?: () => number;
  /** Addresses to bind; all of this host where left out. */
  readonly bind?: readonly string[];
  /** Where the memory is kept; the file `paths.vote` where left out. */
  readonly memoryFile?: MemoryFile;
}

/** A secret that can be guessed is none: 16 characters of base64 are 96 bits. */
const SECRET_CHARACTERS = 16;

/**
 * Starts voting. Goes on with this node's lease where its deadline on tmpfs has not passed. Throws `config-invalid` where the cluster's
 * secret cannot be used, and `refused` where the port cannot be bound. A memory that cannot be read or written does not end it: it then
 * stands still, says so in its statistics, and tries again every second.
 */
export async function createLeaseService(parts: LeaseServiceParts): Promise<RunningLeaseService> {
  const { cluster, node, paths, log, bind } = parts;
  const service = new DatagramLease({
    cluster,
    node,
    leaseFile: paths.leaseFile,
    overrideFile: paths.overrideFile,
    log,
    now: parts.now ?? bootMillis,
    memoryFile: parts.memoryFile ?? memoryFileAt(paths.vote),
  });
  await service.start(await readClusterSecret(parts), bind ?? null);
  return service;
}

async function readClusterSecret(parts: LeaseServiceParts): Promise<string> {
  const file = parts.cluster.agent.secretFile;
  let value: string;
  try {
    const secret = await readSecretFile(file);
    value = secret.value;
    if (secret.warning !== null) parts.log.warn({}, secret.warning);
  } catch (error) {
    throw complaint(errorText(error), error);
  }
  if (value.length < SECRET_CHARACTERS)
    throw complaint(`${file} has less than ${SECRET_CHARACTERS} characters`);
  return value;
}

function complaint(found: string, cause?: unknown): PrimacyError {
  return new PrimacyError(
    'config-invalid',
    `cannot read the cluster's secret (\`openssl rand -base64 32\` makes one): ${found}`,
    { cause },
  );
}
