/** One exporter under measurement: asked over one kept connection, its answer proven to be newer than the last write. */
import type { ChildProcess } from 'node:child_process';
import { Agent, get } from 'node:http';
import { pollUntil, systemClock } from '../../src/world/clock.ts';

const START_LIMIT_MS = 30_000;

/** One exporter under measurement, and how its exposition proves that it was read after the last write. */
export interface Subject {
  readonly name: string;
  readonly url: string;
  readonly process: ChildProcess;
  /** Name and labels of a series that grows with every write. */
  readonly freshSeries: string;
  readonly latenciesMs: number[];
  lastFresh: number;
}

const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });

/** The body of one scrape. Rejects unless the answer is 200 within 10 s. */
function scrape(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: keepAlive, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(body)
          : reject(new Error(`cannot scrape ${url}: ${response.statusCode}`)),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`cannot scrape ${url}: time-out`)));
    request.on('error', reject);
  });
}

/** The value of a series. Throws where the exposition lacks it: then nothing was measured. */
function seriesValue(body: string, series: string): number {
  const line = body.split('\n').find((text) => text.startsWith(`${series} `));
  if (line === undefined) throw new Error(`cannot prove freshness: no series ${series}`);
  return Number(line.slice(series.length + 1));
}

/** One scrape, its latency noted. Throws where the answer is older than the write before it. */
export async function measureOnce(subject: Subject): Promise<void> {
  const start = performance.now();
  const body = await scrape(subject.url);
  subject.latenciesMs.push(performance.now() - start);
  const fresh = seriesValue(body, subject.freshSeries);
  if (!(fresh > subject.lastFresh)) {
    throw new Error(
      `stale answer of ${subject.name}: ${subject.freshSeries} stayed at ${fresh} after a write`,
    );
  }
  subject.lastFresh = fresh;
}

/** Waits for the first answer that holds the series. Throws with the last reason after half a minute. */
export async function waitUntilServing(subject: Subject): Promise<void> {
  let last = 'never asked';
  const serving = await pollUntil(systemClock, START_LIMIT_MS, 200, async () => {
    try {
      seriesValue(await scrape(subject.url), subject.freshSeries);
      return true;
    } catch (error) {
      last = String(error);
      return undefined;
    }
  });
  if (serving === undefined) throw new Error(`${subject.name} does not serve: ${last}`);
}
