/** What faults of the lines between hosts must show: the kernel of the host at the other end counts what arrives. */
import { describe, expect, it } from 'vitest';
import { mendLab } from '../../../src/lab/faults/strike.ts';
import { hostNamed, topologyOf } from '../../../src/lab/topology.ts';
import { eventually, output, sh } from '../lab.ts';
import { LAB, reaches, strike } from './fault-lab.ts';

const addressOf = (host: string): string => hostNamed(topologyOf(LAB, 2), host).addresses[0];

/** Packets of a kind that arrive on a host while `during` runs. */
async function arrivals(host: string, match: string, during: () => Promise<unknown>): Promise<number> {
  await output(
    LAB,
    host,
    `nft 'add table inet seen; add chain inet seen arriving { type filter hook input priority -300; }; add rule inet seen arriving ${match} counter'`,
  );
  await during();
  const listed = await output(LAB, host, 'nft list chain inet seen arriving; nft delete table inet seen');
  return Number(/packets (\d+)/.exec(listed)?.[1]);
}

const aMoment = (): Promise<string> => output(LAB, 'pg2', 'sleep 0.5');
/** Echo requests only arrive; the sender cannot tell whether they did. */
const pingFrom = (from: string, to: string) => () => sh(LAB, from, `ping -c 2 -i 0.2 -W 1 ${addressOf(to)}`);
const echoFrom = (host: string): string => `ip saddr ${addressOf(host)} icmp type echo-request`;

/** Tried in the order in which they stand. */
export function lineFaults(): void {
  describe('faults of the lines', () => {
    it('deafen keeps everything from a host, which is heard all the same', async () => {
      expect(await reaches('pg2', 'pg1')).toBe(true);
      await strike('deafen', 'pg2');
      expect(await arrivals('pg2', echoFrom('pg1'), pingFrom('pg1', 'pg2'))).toBe(0);
      expect(await arrivals('pg1', echoFrom('pg2'), pingFrom('pg2', 'pg1'))).toBeGreaterThan(0);
      await mendLab(LAB, 'deafen', 'pg2');
      await eventually('answers', () => reaches('pg2', 'pg1'));
    });

    it('mute keeps everything that a host says from the others, and it hears them', async () => {
      await strike('mute', 'pg2');
      expect(await arrivals('pg1', echoFrom('pg2'), pingFrom('pg2', 'pg1'))).toBe(0);
      expect(await arrivals('pg2', echoFrom('pg1'), pingFrom('pg1', 'pg2'))).toBeGreaterThan(0);
      await mendLab(LAB, 'mute', 'pg2');
      await eventually('answers', () => reaches('pg2', 'pg1'));
    });

    it('deafen with another host cuts that direction alone', async () => {
      await strike('deafen', 'pg2', ['witness']);
      expect(await reaches('pg2', 'witness')).toBe(false);
      expect(await reaches('pg2', 'pg1')).toBe(true);
      await mendLab(LAB, 'deafen', 'pg2');
      await eventually('answers', () => reaches('pg2', 'witness'));
    });

    it('drop-vrrp drops advertisements and nothing else', async () => {
      const arriving = (): Promise<number> => arrivals('pg2', 'ip protocol 112', aMoment);
      expect(await arriving()).toBeGreaterThan(0);
      await strike('drop-vrrp', 'pg1');
      expect(await reaches('pg2', 'pg1')).toBe(true);
      expect(await arriving()).toBe(0);
      await mendLab(LAB, 'drop-vrrp', 'pg1');
      expect(await arriving()).toBeGreaterThan(0);
    });

    it('drop-votes drops what voters say and nothing else', async () => {
      const arriving = (): Promise<number> => arrivals('witness', 'udp dport 10189', () => sleepOf(1.5));
      const sleepOf = (seconds: number): Promise<string> => output(LAB, 'witness', `sleep ${seconds}`);
      expect(await arriving()).toBeGreaterThan(0);
      await strike('drop-votes', 'witness');
      expect(await reaches('witness', 'pg1')).toBe(true);
      expect(await arriving()).toBe(0);
      await mendLab(LAB, 'drop-votes', 'witness');
      expect(await arriving()).toBeGreaterThan(0);
    });

    it("drop-replication drops PostgreSQL's port between the database hosts and nothing else", async () => {
      const arriving = (): Promise<number> =>
        arrivals('pg2', `ip saddr ${addressOf('pg1')} tcp sport 5432`, aMoment);
      expect(await arriving()).toBeGreaterThan(0);
      await strike('drop-replication', 'pg1');
      expect(await reaches('pg2', 'pg1')).toBe(true);
      expect(await arriving()).toBe(0);
      const client = `timeout 2 bash -c '</dev/tcp/${addressOf('pg1')}/5432'`;
      expect((await sh(LAB, 'client', client)).kind).toBe('done');
      await mendLab(LAB, 'drop-replication', 'pg1');
      await eventually('WAL arrives', async () => (await arriving()) > 0);
    });
  });
}
