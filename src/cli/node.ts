/** `primacy node VERB`: the node procedures, for the responder by SSH forced command and for people on the node. */
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { identifyNode } from '../node/identify.ts';
import type { PromotionAnswer } from '../node/keeper/keeper.ts';
import { decodeRequest, encodeFailure, encodeResult, type NodeRequest } from '../world/remote/protocol.ts';

interface NodeOptions {
  readonly config: string;
  readonly node?: string;
  readonly ssh?: true;
  readonly reason: string;
  readonly survivor?: string;
  readonly digest?: string;
  readonly remediation?: string;
  readonly fenceNumber?: string;
}

const EXAMPLES = `
Examples:
  primacy node observe
  primacy node fence --reason operator
  primacy node account --survivor pg2
  primacy node rejoin --survivor pg2 --digest DIGEST   (the digest that "account" printed)
  primacy node promote          (asks this host's agent: F1 to F22 decide; exit 10 where they refuse)

With --ssh the request is read from SSH_ORIGINAL_COMMAND, as an authorized_keys line with a forced command has it
("primacy config ssh" prints that line). Standard output holds exactly one JSON document; exit code 0 means done.`;

export function configure(command: Command): void {
  command
    .argument('[verb]', 'observe, release-vip, fence, unfence, account, rejoin or promote')
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'which node this is; else by host name or address')
    .option('--ssh', 'read the request from SSH_ORIGINAL_COMMAND')
    .option('--reason <word>', 'why, as a stable word', 'operator')
    .option('--survivor <node>', 'account, rejoin: the primary to follow')
    .option('--digest <sha256>', 'rejoin: the account it is bound to')
    .option('--remediation <id>', 'names the work in journal and salvage bundle')
    .option('--fence-number <number>', 'refused where this node has obeyed a greater one')
    .addHelpText('after', EXAMPLES)
    .action(async (verb: string | undefined, options: NodeOptions) => {
      process.exitCode = await answer(verb, options);
    });
}

/** Every outcome, wrong requests included, is one JSON document, because the asker may be a program. */
async function answer(verb: string | undefined, options: NodeOptions): Promise<number> {
  try {
    if (verb === 'promote' && options.ssh !== true) return await promote();
    const request = options.ssh === true ? requestOverSsh() : await requestOfPerson(verb, options);
    process.stdout.write(`${encodeResult(await run(request, options))}\n`);
    return 0;
  } catch (error) {
    const code = error instanceof PrimacyError ? error.code : 'command-failed';
    process.stdout.write(`${encodeFailure(code, errorText(error))}\n`);
    return 1;
  }
}

/** Asks the agent, because nobody else holds the lease. Refused: the criteria that failed, and exit code 10. */
async function promote(): Promise<number> {
  const { askAgent } = await import('../node/ask-agent.ts');
  const { describeDecision } = await import('./ask/describe-decision.ts');
  const outcome = await askAgent<PromotionAnswer>(paths.agentSocket, 'POST', '/promote', PROMOTE_LIMIT_MS);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  if (outcome.decision !== null) process.stderr.write(describeDecision(outcome.decision).join('\n') + '\n');
  return outcome.promoted ? 0 : 10;
}

/** A rescue, a promotion and what an earlier procedure may still need. */
const PROMOTE_LIMIT_MS = 60_000;

async function run(request: NodeRequest, options: NodeOptions): Promise<unknown> {
  const identity = identifyNode(await loadConfig(options.config), options.node);
  if (request.verb === 'observe') {
    const { observe } = await import('../node/observe.ts');
    return observe({ ...identity, paths });
  }
  const { runOrdered } = await import('../node/procedures/run-request.ts');
  return runOrdered(identity, paths, request);
}

function requestOverSsh(): NodeRequest {
  const line = process.env['SSH_ORIGINAL_COMMAND'];
  if (line === undefined)
    throw new PrimacyError('usage', 'cannot read request: SSH_ORIGINAL_COMMAND is not set');
  return decodeRequest(line);
}

/** A person's options become the same checked request that a responder sends. */
async function requestOfPerson(verb: string | undefined, options: NodeOptions): Promise<NodeRequest> {
  const body: Record<string, unknown> = { verb };
  if (verb !== 'observe') {
    const { greatestFenceNumber } = await import('../world/files/fence-number.ts');
    body['remediation'] = options.remediation ?? `operator-${Date.now()}`;
    body['fenceNumber'] = Number(options.fenceNumber ?? (await greatestFenceNumber(paths.fenceNumber)) ?? 0);
  }
  if (verb === 'fence' || verb === 'release-vip') body['reason'] = options.reason;
  if (verb === 'account' || verb === 'rejoin') body['survivor'] = options.survivor;
  if (verb === 'rejoin') body['accountDigest'] = options.digest;
  return decodeRequest(`${verb ?? ''} ${Buffer.from(JSON.stringify(body)).toString('base64url')}`);
}
