/** Asks a lab's Prometheus over its HTTP interface, by the loopback address that the lab tells. */
import { z } from 'zod';

const LIMIT_MS = 5_000;

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Moment in seconds and value, one a second. */
  readonly values: readonly (readonly [number, string])[];
}

interface Answer {
  readonly data: { readonly result: readonly Series[] };
}

const answer: z.ZodType<Answer> = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

/** All series of a range, one point a second. Moments are in milliseconds since 1970. Throws with Prometheus' own words. */
export async function queryRange(
  prometheus: string,
  expr: string,
  from: number,
  to: number,
): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({
    query: expr,
    start: String(Math.floor(from / 1_000)),
    end: String(Math.ceil(to / 1_000)),
    step: '1',
  });
  const response = await fetch(`${prometheus}/api/v1/query_range?${parameters.toString()}`, {
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  if (!response.ok) throw new Error(`cannot ask ${prometheus} for ${expr}: ${await response.text()}`);
  return answer.parse(await response.json()).data.result;
}

/** True where the picture differs between two moments: a value changed, or a series came or went. */
export function changes(series: readonly Series[], from: number, to: number): boolean {
  const seconds = Math.ceil(to / 1_000) - Math.floor(from / 1_000) + 1;
  return series.some(
    ({ values }) => values.length < seconds || new Set(values.map(([, value]) => value)).size > 1,
  );
}
