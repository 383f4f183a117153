/** One SSH connection to one node: pinned host key, no delay, and every end of it noticed. */
import { NodeSSH, type Config } from 'node-ssh';
import { PrimacyError, errorText } from '../../core/model/primacy-error.ts';

export interface SshTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** `TYPE BASE64`, from primacy.yml. */
  readonly hostKey: string;
}

export interface SshConnection {
  readonly isOpen: () => boolean;
  /** Runs one command line. `code` is null where the session ended before the command's end was told. */
  readonly execute: (
    line: string,
    timeoutMs: number,
  ) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Closes when the commands that still run have ended. */
  readonly retire: () => void;
  readonly close: () => void;
}

/** A connection that says nothing for three of these is dead: ssh2 then closes it, and the pool makes a new one. */
const KEEPALIVE_INTERVAL_MS = 2_000;
const KEEPALIVE_MISSES_MAX = 3;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/** Connects. Throws `unreachable` with the node's name; a wrong host key is refused before anything is sent. */
export async function connectSsh(
  target: SshTarget,
  privateKey: string,
  timeoutMs: number,
): Promise<SshConnection> {
  const ssh = new NodeSSH();
  try {
    await ssh.connect(connectConfig(target, privateKey, timeoutMs));
  } catch (error) {
    ssh.dispose();
    throw new PrimacyError('unreachable', `cannot connect to ${target.name} by SSH: ${errorText(error)}`, {
      retryable: true,
      cause: error,
    });
  }
  const client = ssh.connection;
  if (client === null)
    throw new PrimacyError('unreachable', `cannot connect to ${target.name} by SSH: closed at once`);
  let open = true;
  let pending = 0;
  let retired = false;
  // node-ssh takes its own listener away after connect: without this one a reset connection would end the process.
  client.on('error', () => {
    open = false;
  });
  client.on('close', () => {
    open = false;
  });
  client.setNoDelay(true);
  const close = (): void => {
    open = false;
    ssh.dispose();
  };
  return {
    isOpen: () => open && !retired,
    execute: async (line, limitMs) => {
      pending += 1;
      try {
        return await executeWithin(ssh, line, limitMs);
      } finally {
        pending -= 1;
        if (retired && pending === 0) close();
      }
    },
    retire: () => {
      retired = true;
      if (pending === 0) close();
    },
    close,
  };
}

function connectConfig(target: SshTarget, privateKey: string, timeoutMs: number): Config {
  const [type = '', blob = ''] = target.hostKey.split(' ');
  return {
    host: target.host,
    port: target.port,
    username: target.user,
    privateKey,
    readyTimeout: timeoutMs,
    timeout: timeoutMs,
    keepaliveInterval: KEEPALIVE_INTERVAL_MS,
    keepaliveCountMax: KEEPALIVE_MISSES_MAX,
    // A server has several keys; it is asked for the pinned one. RSA keys sign under the names of their hashes (RFC 8332).
    algorithms: {
      serverHostKey: (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]) as NonNullable<
        NonNullable<Config['algorithms']>['serverHostKey']
      >,
    },
    hostVerifier: (key: Buffer) => key.equals(Buffer.from(blob, 'base64')),
  };
}

async function executeWithin(
  ssh: NodeSSH,
  line: string,
  timeoutMs: number,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let bytes = 0;
  let closeChannel: (() => void) | null = null;
  const limitOutput = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > OUTPUT_LIMIT_BYTES) closeChannel?.();
  };
  const { promise: deadline, resolve } = Promise.withResolvers<'deadline'>();
  const timer = setTimeout(() => resolve('deadline'), timeoutMs);
  try {
    const result = await Promise.race([
      ssh.execCommand(line, {
        onChannel: (channel) => {
          closeChannel = () => channel.close();
        },
        onStdout: limitOutput,
        onStderr: limitOutput,
      }),
      deadline,
    ]);
    if (result !== 'deadline') return result;
    (closeChannel as (() => void) | null)?.();
    throw new PrimacyError('timeout', `no reply within ${timeoutMs} ms`, { retryable: true });
  } finally {
    clearTimeout(timer);
  }
}
