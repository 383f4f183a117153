/** Whether a standby would be given the lease now: by the criteria that it alone can judge, as Prometheus has them. */
import { z } from 'zod';
import { OWN_MATTERS } from '../../core/guard/decide-failover.ts';

const HTTP_LIMIT_MS = 2_000;

const answerSchema = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.object({ criterion: z.string() }) })) }),
});

/** False where Prometheus has not scraped it yet. Throws where Prometheus does not answer. */
export async function isReadyToSucceed(prometheus: string, node: string): Promise<boolean> {
  const query = `primacy_failover_criterion{node="${node}", state="pass"} == 1`;
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query }).toString()}`, {
    signal: AbortSignal.timeout(HTTP_LIMIT_MS),
  });
  const { result } = answerSchema.parse(await response.json()).data;
  const passed = new Set(result.map(({ metric }) => metric.criterion));
  return [...OWN_MATTERS].every((code) => passed.has(code));
}
