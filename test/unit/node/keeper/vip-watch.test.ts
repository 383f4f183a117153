/** Since when the VIP is missing: only where keepalived may bring it, which an open gate alone says. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVipWatch } from '../../../../src/node/keeper/vip-watch.ts';
import { bootMillis, systemClock } from '../../../../src/world/clock.ts';

/** For documentation (RFC 5737): nobody has it. */
const NOBODYS = '192.0.2.77';
const HERE = '127.0.0.1';
/** A little longer than the watch's own interval. */
const LATER_MS = 250;

describe('the watch of the VIP', () => {
  let folder = '';
  const gate = (): string => join(folder, 'gate');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vip-watch-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('says since when the VIP is missing behind an open gate, however often it is asked', async () => {
    await writeFile(gate(), '0\n');
    const look = createVipWatch(NOBODYS, gate());
    const first = look();
    expect(first.vipHere).toMatchObject({ kind: 'known', value: false });
    expect(bootMillis() - (first.vipMissingSince ?? 0)).toBeLessThan(1_000);
    await systemClock.wait(LATER_MS);
    expect(look().vipMissingSince).toBe(first.vipMissingSince);
  });

  it('begins anew after the gate was closed', async () => {
    await writeFile(gate(), '0\n');
    const look = createVipWatch(NOBODYS, gate());
    const first = look().vipMissingSince;
    await writeFile(gate(), '1\n');
    await systemClock.wait(LATER_MS);
    expect(look().vipMissingSince).toBeNull();
    await writeFile(gate(), '0\n');
    await systemClock.wait(LATER_MS);
    expect(look().vipMissingSince).toBeGreaterThan(first ?? Number.NaN);
  });

  it.each([
    ['a closed gate', NOBODYS, '1\n'],
    ['a gate that holds garbage', NOBODYS, 'open\n'],
    ['no gate', NOBODYS, null],
    ['the VIP here', HERE, '0\n'],
  ])('misses nothing with %s', async (_what, address, text) => {
    if (text !== null) await writeFile(gate(), text);
    expect(createVipWatch(address, gate())()).toMatchObject({
      vipHere: { kind: 'known', value: address === HERE },
      vipMissingSince: null,
    });
  });
});
