/** Datagrams between the agents of one cluster: every address of a peer is a path, and one path that works is contact. */
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { LeaseMessage } from '../../core/lease/message.ts';
import type { ClusterName, NodeName, SystemIdentifier } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import {
  decodeDatagram,
  encodeDatagram,
  type Datagram,
  type DatagramIdentity,
  type DatagramRefusal,
} from './datagram-codec.ts';
import { DatagramSession, type SessionHeader } from './datagram-session.ts';

export interface DatagramChannelParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly secret: string;
  /** Takes every message that is authentic and new. */
  readonly deliver: (message: LeaseMessage<NodeReport>) => void;
  /** Boot-time milliseconds. */
  readonly now: () => number;
  /** Addresses to bind; all of this host where left out, as it must be where addresses come and go. */
  readonly bind?: readonly string[];
}

export interface DatagramChannel {
  /** Sends to every address of the peer; what is lost is lost. Throws `refused` where the message is too large for a datagram. */
  readonly send: (to: NodeName, message: LeaseMessage<NodeReport>) => void;
  /** When anything authentic and new last came from the peer, boot-time milliseconds; null = never. */
  readonly heardAt: (peer: NodeName) => number | null;
  readonly refusals: () => ReadonlyMap<DatagramRefusal, number>;
  readonly close: () => Promise<void>;
}

interface Peer {
  readonly addresses: readonly string[];
  readonly session: DatagramSession;
  /** The newest request: said again where the peer could not believe it yet. */
  last: { readonly request: LeaseMessage<NodeReport>; readonly at: number } | null;
  helloAt: number;
  heardAt: number | null;
}

/** Copies and replays of an unproven datagram ask for a hello too: one in so long is enough. */
const HELLO_INTERVAL_MS = 20;
/** What was said longer ago is not said again: who said it may have changed his mind. */
const REPEAT_LIMIT_MS = 1_000;

/** Binds the cluster's voter port. Throws `refused` where that cannot be done. */
export async function openDatagramChannel(parts: DatagramChannelParts): Promise<DatagramChannel> {
  const { cluster } = parts;
  const all = cluster.nodes.flatMap((node) => node.addresses);
  const everywhere = [...(all.some(isIPv4) ? ['0.0.0.0'] : []), ...(all.some(isIPv6) ? ['::'] : [])];
  const opened: Socket[] = [];
  try {
    for (const address of parts.bind ?? everywhere) opened.push(await bind(address, cluster.agent.voterPort));
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
  return new Channel(parts, opened);
}

class Channel implements DatagramChannel {
  readonly #parts: DatagramChannelParts;
  readonly #identity: DatagramIdentity;
  readonly #sockets: { readonly v4: Socket | null; readonly v6: Socket | null };
  readonly #open: readonly Socket[];
  readonly #peers = new Map<NodeName, Peer>();
  readonly #refusals = new Map<DatagramRefusal, number>();
  #closed = false;

  constructor(parts: DatagramChannelParts, sockets: readonly Socket[]) {
    const { cluster, node, secret } = parts;
    this.#parts = parts;
    this.#open = sockets;
    const others = cluster.nodes.filter((it) => it.name !== node.name);
    this.#identity = {
      cluster: cluster.name as ClusterName,
      system: cluster.systemIdentifier as SystemIdentifier | null,
      self: node.name as NodeName,
      peers: others.map((it) => it.name as NodeName),
      secret,
    };
    const start = randomUUID();
    for (const { name, addresses } of others)
      this.#peers.set(name as NodeName, {
        addresses,
        session: new DatagramSession(start, Math.max(node.addresses.length, addresses.length) + 1),
        last: null,
        helloAt: Number.NEGATIVE_INFINITY,
        heardAt: null,
      });
    const ofFamily = (family: string): Socket | null =>
      sockets.find((socket) => socket.address().family === family) ?? null;
    this.#sockets = { v4: ofFamily('IPv4'), v6: ofFamily('IPv6') };
    for (const socket of sockets) {
      socket.on('message', (bytes) => this.#take(bytes));
      // Where a path is gone for now, the datagram is lost, as any may be; the other paths go on.
      socket.on('error', () => undefined);
    }
  }

  send(to: NodeName, message: LeaseMessage<NodeReport>): void {
    const peer = this.#peers.get(to);
    if (peer === undefined || this.#closed) return;
    if (message.kind !== 'answer') peer.last = { request: message, at: this.#parts.now() };
    this.#transmit(peer, encodeDatagram(this.#identity, to, peer.session.next(), message));
  }

  heardAt(peer: NodeName): number | null {
    return this.#peers.get(peer)?.heardAt ?? null;
  }

  refusals(): ReadonlyMap<DatagramRefusal, number> {
    return this.#refusals;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#open.map((socket) => new Promise<void>((done) => socket.close(() => done()))));
  }

  #take(bytes: Buffer): void {
    if (this.#closed) return;
    const decoded = decodeDatagram(this.#identity, bytes);
    if (decoded.kind === 'refused') this.#refuse(decoded.reason);
    else this.#judge(decoded.datagram);
  }

  #judge(datagram: Datagram): void {
    const { from, session: header, message } = datagram;
    const peer = this.#peers.get(from);
    if (peer === undefined) return;
    const before = peer.session.provenStart;
    switch (peer.session.judge(header)) {
      case 'duplicate':
        return;
      case 'replayed':
        return this.#refuse('replayed');
      case 'unproven':
        this.#refuse('unproven');
        return this.#greet(from, peer);
      case 'unproven-again':
        this.#refuse('unproven');
        if (this.#parts.now() - peer.helloAt >= HELLO_INTERVAL_MS) this.#greet(from, peer);
        return;
      case 'fresh':
    }
    peer.heardAt = this.#parts.now();
    if (peer.session.provenStart !== before) this.#repeat(from, peer);
    if (message !== null) this.#parts.deliver(message);
  }

  #refuse(reason: DatagramRefusal): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  /** Tells a peer that seems to be new our start, so that it can prove that it is. */
  #greet(to: NodeName, peer: Peer): void {
    peer.helloAt = this.#parts.now();
    this.#transmit(peer, this.#hello(to, peer.session.nextForUnproven()));
  }

  /**
   * Now that the peer's start is proven: what was said to its predecessor, or to nobody known, is said again, so that a restart costs a
   * round trip and not a renewal interval. Where there is nothing to say, a hello proves ours.
   */
  #repeat(to: NodeName, peer: Peer): void {
    const { last } = peer;
    if (last !== null && this.#parts.now() - last.at < REPEAT_LIMIT_MS) this.send(to, last.request);
    else this.#transmit(peer, this.#hello(to, peer.session.next()));
  }

  #hello(to: NodeName, header: SessionHeader): Buffer {
    return encodeDatagram(this.#identity, to, header, null);
  }

  /** To the configured addresses, and never to where a datagram came from: who can replay one learns nothing and reaches nobody. */
  #transmit({ addresses }: Peer, bytes: Buffer): void {
    const { voterPort } = this.#parts.cluster.agent;
    for (const address of addresses) {
      const socket = isIPv6(address) ? this.#sockets.v6 : this.#sockets.v4;
      // The callback takes the error of a path that is down, which else would be an event of the socket.
      socket?.send(bytes, voterPort, address, () => undefined);
    }
  }
}

function isIPv4(address: string): boolean {
  return !isIPv6(address);
}

async function bind(address: string, port: number): Promise<Socket> {
  const type = isIPv6(address) ? 'udp6' : 'udp4';
  const socket = createSocket({ type, ipv6Only: type === 'udp6' });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      reject(
        new PrimacyError('refused', `cannot listen on UDP ${address}:${port}: ${error.message}`, {
          cause: error,
        }),
      );
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
