/** Takes a host's power away, and gives it back the way a machine boots: links first, then everything blindly, as an init would. */
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import { openDoors, serveDoors } from '../hosts/loopback.ts';
import { plugIn, unplug } from '../hosts/network.ts';
import { showPageInside } from '../hosts/page.ts';
import { powerOff, powerOn } from '../hosts/power.ts';
import type { ProductLab } from '../state.ts';
import { startClient } from '../up/observers.ts';
import {
  startAgent,
  startAlertmanager,
  startDatabase,
  startFuse,
  startKeepalived,
  startPrometheus,
  startResponder,
  startSshd,
} from '../up/services.ts';
import type { FaultTarget } from './fault.ts';

const LINKS_LIMIT_MS = 10_000;

/** Kills the host's process 1 and takes its links from the switch. Throws `timeout` where they stay. */
export async function cutPower({ state, host }: FaultTarget): Promise<void> {
  await powerOff(state.name, host.name);
  const gone = await pollUntil(systemClock, LINKS_LIMIT_MS, 20, async () =>
    (await unplug(state.name, host.name)) ? true : undefined,
  );
  if (gone === undefined)
    throw new PrimacyError(
      'timeout',
      `cannot cut the power of ${host.name}: its ports are on the switch after ${LINKS_LIMIT_MS / 1_000} s`,
    );
}

/** Boots the host. A service that does not start stops nothing else; what failed is told on standard error. */
export async function restorePower(target: FaultTarget): Promise<void> {
  const { state, topology, host, config } = target;
  const init = await powerOn(state.name, host.name);
  await plugIn(state.name, host, state.jitterMs);
  if (state.agent) await showPageInside(state, topology, host);
  switch (host.kind) {
    case 'database':
      if (state.agent) await startSshd(init);
      // Before PostgreSQL, as its unit says: a server that comes up writable has no moment without it.
      if (state.agent && state.adopt) await startFuse(init);
      await tolerate(`PostgreSQL on ${host.name}`, () => startDatabase(init, host.name, config));
      await startKeepalived(init, config);
      if (state.agent) await startAgent(init);
      return;
    case 'witness':
      if (!state.agent) return;
      await startSshd(init);
      return await startAgent(init);
    case 'monitor':
      if (state.agent) await startMonitor(state, init);
      return;
    case 'client':
      return await startClient(state);
  }
}

async function startMonitor(state: ProductLab, init: number): Promise<void> {
  const [page, prometheus, alertmanager] = [state.page, state.prometheus, state.alertmanager].map((url) =>
    Number(new URL(url).port),
  );
  await serveDoors(state.name, init, await openDoors([page ?? 0, prometheus ?? 0, alertmanager ?? 0]));
  await startAlertmanager(init, state.alertmanager);
  await startPrometheus(init, state.prometheus);
  await startResponder(init);
}

async function tolerate(what: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`power-on: ${what} did not start: ${errorText(error)}\n`);
  }
}
