/** `primacy config KIND`: prints a configuration file made from primacy.yml; it writes nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import { loadConfig, type ValidConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { warningsOf } from '../config/warnings.ts';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';

const KINDS = ['keepalived', 'prometheus', 'alertmanager', 'systemd', 'ssh'] as const;
type Kind = (typeof KINDS)[number];
const UNITS = ['agent', 'fuse', 'postgresql'] as const;

interface ConfigFlags {
  readonly config: string;
  readonly node?: string;
  readonly whole?: boolean;
  readonly unit: (typeof UNITS)[number];
  readonly rules: string;
  readonly alertmanager: string;
  readonly interval: string;
  readonly tokenFile?: string;
  readonly publicKey?: string;
}

const PROGRAM = join(import.meta.dirname, 'primacy.js');
const RULES = join(import.meta.dirname, '..', '..', 'rules', '*.yml');

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .addArgument(new Argument('<kind>', 'what to print').choices(KINDS))
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'keepalived: name of the node (default: host name, else local address)')
    .option('--whole', 'keepalived: a whole keepalived.conf instead of a fragment to include')
    .addOption(
      new Option('--unit <name>', 'systemd: which unit, or the drop-in for PostgreSQL')
        .choices(UNITS)
        .default('agent'),
    )
    .option('--rules <glob>', 'prometheus: where the rules lie', RULES)
    .option('--alertmanager <host:port>', 'prometheus: where Alertmanager listens', '127.0.0.1:9093')
    .option('--interval <seconds>', 'prometheus: between two scrapes and two evaluations', '1')
    .option('--token-file <file>', 'alertmanager: webhook token (default: that of the configuration)')
    .option(
      '--public-key <file>',
      "ssh: the responder's public key (default: its secret key's file with .pub)",
    )
    .addHelpText('after', '\nExample:\n  primacy config keepalived --node pg1 > /etc/keepalived/primacy.conf')
    .action(async (kind: Kind, flags: ConfigFlags) => {
      const config = await loadConfig(flags.config);
      for (const warning of warningsOf(config)) process.stderr.write(`primacy: ${warning}\n`);
      process.stdout.write(await print(kind, config, flags));
    });
}

/** Each generator is loaded when it is asked for. */
async function print(kind: Kind, config: ValidConfig, flags: ConfigFlags): Promise<string> {
  switch (kind) {
    case 'keepalived': {
      const { keepalivedConfiguration, keepalivedFragment } =
        await import('../config/generate/keepalived.ts');
      const { identifyNode } = await import('../node/identify.ts');
      const { cluster, node } = identifyNode(config, flags.node);
      return (flags.whole === true ? keepalivedConfiguration : keepalivedFragment)(cluster, node);
    }
    case 'prometheus': {
      const { prometheusConfiguration } = await import('../config/generate/prometheus.ts');
      const seconds = readSeconds(flags.interval);
      return prometheusConfiguration(config, {
        rulesGlob: flags.rules,
        alertmanager: flags.alertmanager,
        scrapeIntervalSeconds: seconds,
        evaluationIntervalSeconds: seconds,
      });
    }
    case 'alertmanager': {
      const { alertmanagerConfiguration } = await import('../config/generate/alertmanager.ts');
      return alertmanagerConfiguration(config, {
        responderUrl: config.responder.externalUrl,
        tokenFile: flags.tokenFile ?? config.responder.secretFiles.webhookToken,
      });
    }
    case 'systemd': {
      const { systemdUnit, fuseUnit, postgresqlDropIn } = await import('../config/generate/systemd.ts');
      const programs = { nodeProgram: process.execPath, primacyProgram: PROGRAM };
      if (flags.unit === 'fuse') return fuseUnit();
      if (flags.unit === 'agent') return systemdUnit(programs);
      const { identifyNode } = await import('../node/identify.ts');
      return postgresqlDropIn(identifyNode(config, flags.node).cluster, programs);
    }
    case 'ssh': {
      const { authorizedKeysLine } = await import('../config/generate/ssh.ts');
      const key = await readKey(flags.publicKey ?? `${config.responder.secretFiles.sshKey}.pub`);
      return `${authorizedKeysLine(key, `${process.execPath} ${PROGRAM}`)}\n`;
    }
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600))
    throw new PrimacyError('usage', `cannot print: --interval ${text} is not between 0 and 3600 seconds`);
  return seconds;
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PrimacyError('config-invalid', `cannot read ${path}: ${errorText(error)}`, { cause: error });
  }
}
