/** The text of the two files that the guard programs source: `settings` for all of them, `user-commands` for the wrappers. */
import { join } from 'node:path';
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import { vipAddress } from '../../config/vip.ts';

/** The user's own commands as they were before adoption, with PostgreSQL's placeholders; empty = there is none. */
export interface UserCommands {
  readonly restoreCommand: string;
  readonly recoveryEndCommand: string;
}

/**
 * Assignments in the shell's language, mode 0644: nothing in it is secret. `realDataDirectory` is the data directory without
 * symbolic links, as /proc shows it.
 */
export function guardSettings(
  cluster: ClusterConfig,
  node: NodeConfig,
  paths: Paths,
  realDataDirectory: string,
): string {
  return assignments({
    NODE: node.name,
    ADOPTION: paths.adoption,
    LEASE_FILE: paths.leaseFile,
    GATE_FILE: paths.gateFile,
    FUSE_STAMP: paths.fuseStamp,
    DEAD_MAN_STAMP: paths.deadManStamp,
    RESTORE_DIRECTORY: paths.restoreDirectory,
    DATA_DIRECTORY: cluster.postgres.dataDirectory,
    DATA_DIRECTORY_REAL: realDataDirectory,
    VIP: vipAddress(cluster),
    VIP_CIDR: cluster.vip,
    INTERFACE: cluster.interface,
    PORT: String(cluster.postgres.port),
    START_PROTECTION: cluster.startProtection,
  });
}

/** Mode 0640, readable by the server's user: a user's command may hold a password. */
export function userCommandsFile(commands: UserCommands): string {
  return assignments({
    RESTORE_COMMAND: commands.restoreCommand,
    RECOVERY_END_COMMAND: commands.recoveryEndCommand,
  });
}

/** What PostgreSQL is told to run in place of the user's own commands. */
export function wrapperCommands(paths: Paths): UserCommands {
  return {
    restoreCommand: `${join(paths.guardDirectory, 'restore-wal')} "%f" "%p" "%r"`,
    recoveryEndCommand: `${join(paths.guardDirectory, 'recovery-end')} "%r"`,
  };
}

function assignments(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`,
  );
  return `# Written by "primacy adopt" from primacy.yml; run it again after a change there.\n${lines.join('')}`;
}
