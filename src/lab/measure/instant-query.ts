/** What the lab's Prometheus has at this moment: the labels of every series that a query finds. */
import { z } from 'zod';

const HTTP_LIMIT_MS = 2_000;

const answerSchema = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

/** Throws where Prometheus does not answer, or answers something else. */
export async function seriesNow(
  prometheus: string,
  query: string,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query }).toString()}`, {
    signal: AbortSignal.timeout(HTTP_LIMIT_MS),
  });
  return answerSchema.parse(await response.json()).data.result.map((it) => it.metric);
}
