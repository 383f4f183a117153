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

export interface SettingsParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Paths;
  /** The data directory without symbolic links, as /proc shows it. */
  readonly realDataDirectory: string;
  /** False while a node is being adopted or given back: fuse and dead-man script then only show that they run. */
  readonly active: boolean;
}

/** Assignments in the shell's language, mode 0644: nothing in it is secret. */
export function guardSettings({ cluster, node, paths, realDataDirectory, active }: SettingsParts): string {
  const vip = vipAddress(cluster);
  return assignments({
    ACTIVE: active ? 'yes' : 'no',
    NODE: node.name,
    ADOPTION: paths.adoption,
    LEASE_FILE: paths.leaseFile,
    GATE_FILE: paths.gateFile,
    FUSE_STAMP: paths.fuseStamp,
    DEAD_MAN_STAMP: paths.deadManStamp,
    RESTORE_DIRECTORY: paths.restoreDirectory,
    DATA_DIRECTORY: cluster.postgres.dataDirectory.replace(/(?<=.)\/+$/, ''),
    DATA_DIRECTORY_REAL: realDataDirectory,
    VIP: vip,
    VIP_CIDR: cluster.vip,
    VIP_HEX6: vip.includes(':') ? hexOfIpv6(vip) : '',
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

/** 32 hexadecimal digits, as /proc/net/if_inet6 has an address. */
function hexOfIpv6(address: string): string {
  const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  // The last two groups may be written as an IPv4 address.
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.slice(0, 4).map((it) => Number(it).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });
  const [head = '', tail] = plain.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((it) => it.padStart(4, '0').toLowerCase()).join('');
}
