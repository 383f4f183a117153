/** `POST /-/reload` on the exporter's port: off unless it was enabled, and then for this host alone. */
import type { Reload, ReloadAnswer } from './reload.ts';

export interface ReloadRoute extends Reload {
  /** `--web.enable-lifecycle`. */
  readonly enabled: boolean;
}

/** As exporters answer: 500 for a configuration that was not taken, so that `curl --fail` fails. */
const STATUS: Readonly<Record<ReloadAnswer['code'], number>> = {
  reloading: 200,
  unchanged: 200,
  busy: 409,
  refused: 500,
};

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** What of a request is looked at. */
export interface Asker {
  readonly remoteAddress: string | undefined;
  /** A page in a browser asks: it says where it is from. */
  readonly fromPage: boolean;
}

/** What is answered to a POST, as plain text. */
export async function answerReload(
  { enabled, ask }: ReloadRoute,
  asker: Asker,
): Promise<{ readonly status: number; readonly body: string }> {
  const obstacle = enabled ? whyStranger(asker) : NOT_ENABLED;
  if (obstacle !== null) return { status: 403, body: `${obstacle}\n` };
  const { code, reason } = await ask();
  return { status: STATUS[code], body: `${reason}\n` };
}

const NOT_ENABLED =
  'reload is not enabled here: start the agent with --web.enable-lifecycle, or run "primacy reload" on this host';

/** A page in somebody's browser must not reload an agent either, also not from this host. */
function whyStranger({ remoteAddress, fromPage }: Asker): string | null {
  if (!LOOPBACK.has(remoteAddress ?? '')) return 'reload is for this host alone';
  return fromPage ? 'reload is not for pages' : null;
}
