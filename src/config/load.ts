/** Reads primacy.yml once, at the edge: a valid configuration or one error that names file, line, column and what was expected. */
import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { configSchema, type ClusterConfig, type Config, type NodeConfig } from './schema.ts';

declare const valid: unique symbol;
/** Only `loadConfig` makes one, so that checking cannot be skipped. */
export type ValidConfig = Config & { readonly [valid]: true };

/** Loads and checks the file. Throws `config-invalid` with every problem found, one a line. */
export async function loadConfig(path: string): Promise<ValidConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new PrimacyError('config-invalid', `cannot read ${path}: ${errorText(error)}`, { cause: error });
  }
  const result = configSchema.safeParse(load(text, { filename: path }));
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`);
    throw new PrimacyError('config-invalid', lines.join('\n'));
  }
  return result.data as ValidConfig;
}

/** The cluster and node entry of one node. Throws `config-invalid` where no cluster has it. */
export function findNode(
  config: ValidConfig,
  nodeName: string,
): { cluster: ClusterConfig; node: NodeConfig } {
  for (const cluster of config.clusters) {
    const node = cluster.nodes.find((candidate) => candidate.name === nodeName);
    if (node !== undefined) return { cluster, node };
  }
  throw new PrimacyError(
    'config-invalid',
    `cannot find node ${JSON.stringify(nodeName)} in the configuration`,
  );
}

/** The VIP without its prefix length. */
export function vipAddress(cluster: ClusterConfig): string {
  return cluster.vip.split('/')[0] ?? cluster.vip;
}
