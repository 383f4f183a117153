/** A configuration with two clusters and a witness, with defaults for everything else. */
import { configSchema, type Config } from '../../../src/config/schema.ts';

/** Addresses are from the ranges reserved for documentation (RFC 5737, RFC 3849). */
export const sampleConfig: Config = configSchema.parse({
  clusters: [
    {
      name: 'main',
      vip: '192.0.2.100/24',
      interface: 'eth0',
      vrid: 51,
      nodes: [
        { name: 'pg1', addresses: ['192.0.2.1', '198.51.100.1'] },
        { name: 'pg2', addresses: ['2001:db8::2'] },
        { name: 'witness', kind: 'witness', addresses: ['192.0.2.3'] },
      ],
    },
    {
      name: 'other',
      vip: '192.0.2.200/24',
      interface: 'eth0',
      vrid: 52,
      agent: { port: 10190 },
      nodes: [{ name: 'db1', addresses: ['192.0.2.11'] }],
    },
  ],
  responder: { externalUrl: 'http://primacy.example:10188/' },
});
