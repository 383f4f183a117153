/** Goal: the SSH link keeps its contract: one honest answer per request, in time, only from the pinned host. Method: a real sshd on loopback. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema, type ClusterConfig } from '../../../../src/config/schema.ts';
import type { NodeLink } from '../../../../src/world/remote/node-link.ts';
import { encodeFailure, encodeResult, encodeRequest } from '../../../../src/world/remote/protocol.ts';
import { sshNodeLink } from '../../../../src/world/remote/ssh-node-link.ts';
import { fencedPair, node } from '../../../support/snapshot.ts';
import { startSshd, type Sshd } from '../../../support/sshd.ts';

const LIMIT_MS = 10_000;
const OTHER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000AA';

const observation = fencedPair().nodes.get(node('pg2'));
const reply = encodeResult(observation?.kind === 'known' ? observation.value : null);

/** Answers an observe, refuses a fence, and misbehaves for the rest. */
const SCRIPT = `
case "$SSH_ORIGINAL_COMMAND" in
  observe\\ *) cat <<'END'
${reply}
END
  ;;
  fence\\ *) echo '${encodeFailure('locked', 'cannot fence pg2: busy')}'; exit 1 ;;
  account\\ *) kill -9 $PPID ;;
  rejoin\\ *) exec sleep 60 ;;
  release-vip\\ *) echo 'not JSON' ;;
  unfence\\ *) echo "what is this: $SSH_ORIGINAL_COMMAND" >&2; exit 127 ;;
esac`;

let sshd: Sshd;
let link: NodeLink;

function clusterOf(hostKey: string | null): ClusterConfig {
  const [cluster] = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '192.0.2.100/24',
        interface: 'lo',
        vrid: 51,
        nodes: [
          { name: 'pg2', addresses: ['127.0.0.1'], ssh: { user: sshd.user, port: sshd.port, hostKey } },
        ],
      },
    ],
  }).clusters;
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

beforeEach(async () => {
  sshd = await startSshd(SCRIPT);
  link = sshNodeLink(clusterOf(sshd.hostKey), sshd.privateKey);
});

afterEach(async () => {
  link.close();
  await sshd.stop();
});

const pg2 = node('pg2');
const order = { remediation: 'r-1' as never, fenceNumber: 1 as never };
const observe = () => link.ask(pg2, { verb: 'observe' }, LIMIT_MS);

describe('a request', () => {
  it('is answered with what the node said, positions included', async () => {
    const answer = await observe();
    expect(answer).toEqual({
      kind: 'done',
      result: observation?.kind === 'known' ? observation.value : null,
    });
  });

  it('that the node refuses is failed, with the code of the node', async () => {
    expect(await link.ask(pg2, { verb: 'fence', reason: 'dual-primary', ...order }, LIMIT_MS)).toEqual({
      kind: 'failed',
      code: 'locked',
      message: 'cannot fence pg2: busy',
    });
  });

  it('whose session is killed is unknown, never failed', async () => {
    const answer = await link.ask(pg2, { verb: 'account', survivor: node('pg1'), ...order }, LIMIT_MS);
    expect(answer.kind).toBe('unknown');
  });

  it('that is not answered in time is unknown, and the next request works', async () => {
    const rejoin = {
      verb: 'rejoin',
      survivor: node('pg1'),
      accountDigest: 'a'.repeat(64),
      ...order,
    } as const;
    expect((await link.ask(pg2, rejoin, 500)).kind).toBe('unknown');
    expect((await observe()).kind).toBe('done');
  });

  it('whose reply cannot be read is unknown', async () => {
    const answer = await link.ask(pg2, { verb: 'release-vip', reason: 'vip-conflict', ...order }, LIMIT_MS);
    expect(answer.kind).toBe('unknown');
  });

  it('whose command cannot be run is unknown, and says what the node printed', async () => {
    const answer = await link.ask(pg2, { verb: 'unfence', ...order }, LIMIT_MS);
    expect(answer).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('what is this') });
    const line = encodeRequest({ verb: 'unfence', ...order });
    expect(answer.kind === 'unknown' && answer.reason.includes(line)).toBe(true);
  });

  it('may run beside others on one connection', async () => {
    await link.warmUp();
    const answers = await Promise.all(Array.from({ length: 8 }, observe));
    expect(answers.map((answer) => answer.kind)).toEqual(Array.from({ length: 8 }, () => 'done'));
  });
});

describe('a connection', () => {
  it('to a host with another key is refused before anything is asked', async () => {
    const wrong = sshNodeLink(clusterOf(OTHER_KEY), sshd.privateKey);
    const answer = await wrong.ask(pg2, { verb: 'observe' }, LIMIT_MS);
    wrong.close();
    expect(answer).toMatchObject({ kind: 'failed', code: 'unreachable' });
  });

  it('to a host without a pinned key is never made', async () => {
    const unpinned = sshNodeLink(clusterOf(null), sshd.privateKey);
    const answer = await unpinned.ask(pg2, { verb: 'observe' }, LIMIT_MS);
    expect(answer).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no host key is pinned'),
    });
  });

  it('that nobody answers is failed, because nothing was asked', async () => {
    await sshd.stop();
    expect(await observe()).toMatchObject({ kind: 'failed', code: 'unreachable' });
  });
});
