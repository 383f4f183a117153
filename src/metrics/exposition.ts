/** Prints samples as Prometheus text 0.0.4 or as OpenMetrics 1.0.0; the only file that knows prom-client. */
import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { catalogue } from './catalogue.ts';
import type { MetricSample } from './sample.ts';

// By its parts: the package's index also loads default metrics, cluster support and a push client, 10 MB in a small agent.
const require = createRequire(import.meta.url);
const Counter = require('prom-client/lib/counter') as typeof PromClient.Counter;
const Gauge = require('prom-client/lib/gauge') as typeof PromClient.Gauge;
const Registry = require('prom-client/lib/registry') as typeof PromClient.Registry;

export type ExpositionFormat = 'text' | 'openmetrics';

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Prints one scrape's samples; state of an earlier one is never in it. Throws `output-invalid` on a family that the catalogue lacks. */
export type Expose = (samples: readonly MetricSample[], format: ExpositionFormat) => Promise<Exposition>;

/** Makes the printer: one registry per format, over the families of the catalogue. */
export function createExposition(): Expose {
  const registries = { text: createRegistry(false), openmetrics: createRegistry(true) };
  return async (samples, format) => {
    const { registry, families } = registries[format];
    // Everything up to `metrics()` is synchronous, and that takes its values before it first waits: two scrapes never mix.
    for (const [name, family] of families) clear(name, family);
    for (const sample of samples) {
      const family = families.get(sample.name);
      if (family === undefined)
        throw new PrimacyError('output-invalid', `cannot export ${sample.name}: it is not in the catalogue`);
      if (family instanceof Gauge) family.set(sample.labels, sample.value);
      else family.inc(sample.labels, sample.value);
    }
    return { contentType: registry.contentType, body: await registry.metrics() };
  };
}

type Family = PromClient.Gauge | PromClient.Counter;

/** prom-client resets a family without labels to 0, which would claim something nobody saw: absent is what we mean. */
function clear(name: string, family: Family): void {
  family.reset();
  if (unlabelled.has(name)) family.remove();
}

const unlabelled = new Set(catalogue.filter((it) => it.labels.length === 0).map((it) => it.name));

interface FilledRegistry {
  readonly registry: PromClient.Registry<PromClient.RegistryContentType>;
  readonly families: ReadonlyMap<string, Family>;
}

function createRegistry(openMetrics: boolean): FilledRegistry {
  const registry = new Registry<PromClient.RegistryContentType>();
  if (openMetrics) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const families = new Map<string, Family>();
  for (const { name, type, labels, help } of catalogue) {
    const definition = { name, help, labelNames: [...labels], registers: [registry] };
    families.set(name, type === 'gauge' ? new Gauge(definition) : new Counter(definition));
  }
  return { registry, families };
}
