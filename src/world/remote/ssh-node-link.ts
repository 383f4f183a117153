/** Asks nodes over SSH: one warm connection per node, made again when it is lost, a deadline for every request. */
import type { ClusterConfig } from '../../config/schema.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { Answer, NodeLink, RequestOf } from './node-link.ts';
import { decodeReply, encodeRequest, type NodeVerb } from './protocol.ts';
import { connectSsh, type SshConnection, type SshTarget } from './ssh-connection.ts';

/** The link to the nodes of one cluster. A node without a pinned host key is never connected to. */
export function sshNodeLink(cluster: ClusterConfig, privateKey: string): NodeLink {
  const pool = new SshPool(targetsOf(cluster), privateKey, cluster.timings.sshConnectSeconds * 1000);
  return {
    ask: (node, request, timeoutMs) => ask(pool, node, request, timeoutMs),
    warmUp: () => pool.warmUp(),
    close: () => pool.close(),
  };
}

function targetsOf(cluster: ClusterConfig): ReadonlyMap<string, SshTarget> {
  const targets = new Map<string, SshTarget>();
  for (const { name, addresses, ssh } of cluster.nodes) {
    const [host] = addresses;
    if (host === undefined || ssh.hostKey === null) continue;
    targets.set(name, { name, host, port: ssh.port, user: ssh.user, hostKey: ssh.hostKey });
  }
  return targets;
}

async function ask<V extends NodeVerb>(
  pool: SshPool,
  node: NodeName,
  request: RequestOf<V>,
  timeoutMs: number,
): Promise<Answer<V>> {
  const verb: V = request.verb;
  const end = performance.now() + timeoutMs;
  let connection: SshConnection;
  try {
    connection = await pool.connection(node, timeoutMs);
  } catch (error) {
    const code = error instanceof PrimacyError ? error.code : 'unreachable';
    return { kind: 'failed', code, message: errorText(error) };
  }
  try {
    const left = Math.max(1, Math.round(end - performance.now()));
    const { code, stdout, stderr } = await connection.execute(encodeRequest(request), left);
    if (code === null) {
      pool.forget(node, connection);
      return { kind: 'unknown', reason: `the connection to ${node} ended before its reply` };
    }
    if (stdout.trim() === '')
      return { kind: 'unknown', reason: `${node} ended with code ${code}: ${stderr.trim().slice(-300)}` };
    const reply = decodeReply(verb, stdout);
    return reply.ok
      ? { kind: 'done', result: reply.result }
      : { kind: 'failed', code: reply.code, message: reply.message };
  } catch (error) {
    // Whatever went wrong after the line was sent, the node may have acted on it.
    pool.forget(node, connection);
    return { kind: 'unknown', reason: `no usable reply from ${node}: ${errorText(error)}` };
  }
}

class SshPool {
  readonly #targets: ReadonlyMap<string, SshTarget>;
  readonly #privateKey: string;
  readonly #connectTimeoutMs: number;
  readonly #connections = new Map<string, Promise<SshConnection>>();
  readonly #open = new Map<string, SshConnection>();
  #closed = false;

  constructor(targets: ReadonlyMap<string, SshTarget>, privateKey: string, connectTimeoutMs: number) {
    this.#targets = targets;
    this.#privateKey = privateKey;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** The node's connection, shared by everybody who asks while it is being made. */
  async connection(node: string, timeoutMs: number): Promise<SshConnection> {
    const target = this.#targets.get(node);
    if (target === undefined)
      throw new PrimacyError('unreachable', `cannot connect to ${node}: no host key is pinned for it`);
    if (this.#closed) throw new PrimacyError('unreachable', `cannot connect to ${node}: shutting down`);
    const open = this.#open.get(node);
    if (open?.isOpen() === true) return open;
    this.#open.delete(node);
    const pending = this.#connections.get(node);
    if (pending !== undefined) return pending;
    const making = this.#make(target, Math.min(timeoutMs, this.#connectTimeoutMs));
    this.#connections.set(node, making);
    try {
      return await making;
    } finally {
      this.#connections.delete(node);
    }
  }

  async #make(target: SshTarget, timeoutMs: number): Promise<SshConnection> {
    const connection = await connectSsh(target, this.#privateKey, timeoutMs);
    if (this.#closed) connection.close();
    else this.#open.set(target.name, connection);
    return connection;
  }

  /** Never hands this connection out again; commands that still run on it may end. */
  forget(node: string, connection: SshConnection): void {
    if (this.#open.get(node) === connection) this.#open.delete(node);
    connection.retire();
  }

  async warmUp(): Promise<void> {
    const names = [...this.#targets.keys()];
    // A node that cannot be reached now is a finding of the next look, not an error here.
    await Promise.allSettled(names.map((name) => this.connection(name, this.#connectTimeoutMs)));
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }
}
