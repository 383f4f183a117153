/** What the agents say of their servers, as Prometheus has it: who is a standby, and who would be given the lease now. */
import { OWN_MATTERS } from '../../core/guard/decide-failover.ts';
import { seriesNow } from './instant-query.ts';

/** By the criteria that a standby alone can judge. False where Prometheus has not scraped it yet. Throws where Prometheus does not answer. */
export async function isReadyToSucceed(prometheus: string, node: string): Promise<boolean> {
  const series = await seriesNow(prometheus, `primacy_failover_criterion{node="${node}", state="pass"} == 1`);
  const passed = new Set(series.map((it) => it['criterion']));
  return [...OWN_MATTERS].every((code) => passed.has(code));
}

/** Whoever it streams from. Throws where Prometheus does not answer. */
export async function isStandby(prometheus: string, node: string): Promise<boolean> {
  return (await seriesNow(prometheus, `primacy_pg_role{node="${node}", role="standby"} == 1`)).length > 0;
}
