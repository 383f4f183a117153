/** Reads primacy.yml once, at the edge: a valid configuration or one error that names file, line, column and what was expected. */
import { readFile } from 'node:fs/promises';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { contradictions, formatPath } from './consistency.ts';
import { problemsOf, type Problem } from './describe-issue.ts';
import { parseDocument, type ConfigPath, type ParsedDocument, type Position } from './position.ts';
import { configSchema, type ClusterConfig, type Config, type NodeConfig } from './schema.ts';

declare const valid: unique symbol;
/** Only `loadConfig` and `parseConfig` make one, so that checking cannot be skipped. */
export type ValidConfig = Config & { readonly [valid]: true };

interface Origin {
  readonly file: string;
  readonly document: ParsedDocument;
}

/** Where each configuration came from. Kept beside the value, which stays exactly what the schema says. */
const origins = new WeakMap<ValidConfig, Origin>();

/** Loads and checks the file. Throws `config-invalid` with every problem found, one a line. */
export async function loadConfig(path: string): Promise<ValidConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new PrimacyError('config-invalid', `cannot read ${path}: ${errorText(error)}`, { cause: error });
  }
  return parseConfig(text, path);
}

/** Checks the text of a configuration; `file` is only named in errors. Throws as `loadConfig` does. */
export function parseConfig(text: string, file: string): ValidConfig {
  const parsed = parseDocument(text);
  if (parsed.kind === 'malformed') {
    const { position, reason } = parsed.problem;
    throw new PrimacyError('config-invalid', `${at(file, position)}: ${reason}`);
  }
  const { document } = parsed;
  const result = configSchema.safeParse(document.value);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document.value));
    throw invalid(file, document, problems);
  }
  const problems = contradictions(result.data);
  if (problems.length > 0) throw invalid(file, document, problems);
  const config = result.data as ValidConfig;
  origins.set(config, { file, document });
  return config;
}

/** `file:line:column` of a value, for complaints that come up later, such as a secret file that cannot be read. */
export function whereIs(config: ValidConfig, path: ConfigPath): string {
  const origin = origins.get(config);
  if (origin === undefined) return 'the configuration';
  return at(origin.file, origin.document.valueAt(path));
}

function invalid(file: string, document: ParsedDocument, problems: readonly Problem[]): PrimacyError {
  const lines = problems.map(({ path, atKey, message }) => {
    const position = atKey ? document.keyAt(path) : document.valueAt(path);
    const name = path.length === 0 ? '' : `${formatPath(path)}: `;
    return `${at(file, position)}: ${name}${message}`;
  });
  return new PrimacyError('config-invalid', lines.join('\n'));
}

function at(file: string, position: Position): string {
  return `${file}:${position.line}:${position.column}`;
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
