/** A lab's shape follows from its name and size alone. */
import { describe, expect, it } from 'vitest';
import { checkLabName, databaseHosts, hostNamed, topologyOf } from '../../../src/lab/topology.ts';

describe('topologyOf', () => {
  it('gives each host one address on each of two networks', () => {
    const topology = topologyOf('trial', 3);
    expect(databaseHosts(topology).map((host) => host.name)).toEqual(['pg1', 'pg2', 'pg3']);
    const addresses = topology.hosts.flatMap((host) => host.addresses);
    expect(new Set([...addresses, topology.vip]).size).toBe(addresses.length + 1);
    for (const address of addresses) expect(address).toMatch(/^10\.79\.\d{1,3}\.\d{1,3}$/);
  });

  it('gives the same networks for the same name', () => {
    expect(topologyOf('trial', 2)).toEqual(topologyOf('trial', 2));
  });

  it('leaves the witness out where there shall be none, and nothing else', () => {
    const withWitness = topologyOf('trial', 2).hosts;
    expect(topologyOf('trial', 2, false).hosts).toEqual(
      withWitness.filter((host) => host.name !== 'witness'),
    );
  });

  it('spreads names over the networks', () => {
    const networks = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => topologyOf(name, 2).networks[0]);
    expect(new Set(networks).size).toBeGreaterThan(3);
  });
});

describe('hostNamed', () => {
  it('names the hosts there are when it finds none', () => {
    expect(() => hostNamed(topologyOf('trial', 2), 'pg9')).toThrow(/pg1, pg2, witness, mon, client/);
  });
});

describe('checkLabName', () => {
  it.each(['a', 'trial-2', 'x'.repeat(32)])('accepts %s', (name) => {
    expect(checkLabName(name)).toBe(name);
  });

  it.each(['', '../etc', 'Trial', '-a', 'a-', 'a b', 'x'.repeat(33)])('refuses %j', (name) => {
    expect(() => checkLabName(name)).toThrow(/cannot use lab name/);
  });
});
