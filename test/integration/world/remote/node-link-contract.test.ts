/** Goal: the fake pair of the executor's tests keeps the same contract as SSH. Method: the same cases on the fake and on a real sshd. */
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema, type ClusterConfig } from '../../../../src/config/schema.ts';
import type { Answer, NodeLink } from '../../../../src/world/remote/node-link.ts';
import { encodeFailure, encodeResult, type NodeVerb } from '../../../../src/world/remote/protocol.ts';
import { sshNodeLink } from '../../../../src/world/remote/ssh-node-link.ts';
import { FakePair } from '../../../support/fake-pair.ts';
import { node } from '../../../support/snapshot.ts';
import { startSshd, type Sshd } from '../../../support/sshd.ts';

const LIMIT_MS = 10_000;
const pg2 = node('pg2');
const order = { remediation: 'r-1' as never, fenceNumber: 1 as never };
const refusal = { kind: 'failed', code: 'locked', message: 'cannot fence pg2: busy' } as const;

interface Subject {
  readonly link: NodeLink;
  readonly end: () => Promise<void>;
}

/** A node that is fenced, refuses the next fence, and loses the reply to the next account. */
async function fake(): Promise<Subject> {
  const pair = new FakePair('fenced');
  const lost: Answer<NodeVerb> = { kind: 'unknown', reason: 'the connection was lost' };
  pair.mishaps = [
    { verb: 'fence', acts: false, answer: refusal },
    { verb: 'account', acts: false, answer: lost },
  ];
  return Promise.resolve({ link: pair, end: () => Promise.resolve(pair.close()) });
}

async function overSsh(): Promise<Subject> {
  const observed = await new FakePair('fenced').ask(pg2, { verb: 'observe' });
  if (observed.kind !== 'done') throw new Error('the fake does not answer');
  const sshd: Sshd = await startSshd(`
case "$SSH_ORIGINAL_COMMAND" in
  observe\\ *) cat <<'END'
${encodeResult(observed.result)}
END
  ;;
  fence\\ *) echo '${encodeFailure(refusal.code, refusal.message)}'; exit 1 ;;
  account\\ *) kill -9 $PPID ;;
esac`);
  const link = sshNodeLink(clusterOf(sshd), sshd.privateKey);
  return {
    link,
    end: async () => {
      link.close();
      await sshd.stop();
    },
  };
}

function clusterOf(sshd: Sshd): ClusterConfig {
  const ssh = { user: sshd.user, port: sshd.port, hostKey: sshd.hostKey };
  const [cluster] = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '192.0.2.100/24',
        interface: 'lo',
        vrid: 51,
        nodes: [{ name: 'pg2', addresses: ['127.0.0.1'], ssh }],
      },
    ],
  }).clusters;
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

let subject: Subject | undefined;
afterEach(async () => {
  await subject?.end();
  subject = undefined;
});

describe.each([
  ['the fake pair', fake],
  ['a real sshd', overSsh],
])('a node behind %s', (_name, make) => {
  const begin = async (): Promise<NodeLink> => {
    subject = await make();
    await subject.link.warmUp();
    return subject.link;
  };

  it('answers a look with everything that was seen, and never tires', async () => {
    const link = await begin();
    const looks = await Promise.all(
      Array.from({ length: 4 }, () => link.ask(pg2, { verb: 'observe' }, LIMIT_MS)),
    );
    for (const look of looks)
      expect(look).toMatchObject({
        kind: 'done',
        result: {
          node: 'pg2',
          postgres: { role: 'down' },
          fence: { kind: 'known', value: { state: 'fenced' } },
        },
      });
  });

  it('refuses with the code that it gave, which is failed and not unknown', async () => {
    const link = await begin();
    expect(await link.ask(pg2, { verb: 'fence', reason: 'dual-primary', ...order }, LIMIT_MS)).toEqual(
      refusal,
    );
  });

  it('whose reply is lost is unknown, and can be asked again', async () => {
    const link = await begin();
    const lost = await link.ask(pg2, { verb: 'account', survivor: node('pg1'), ...order }, LIMIT_MS);
    expect(lost.kind).toBe('unknown');
    expect((await link.ask(pg2, { verb: 'observe' }, LIMIT_MS)).kind).toBe('done');
  });
});
