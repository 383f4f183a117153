/** How long a scrape may take: what Prometheus says it will wait, less the way back. */

/** Prometheus' default scrape_timeout, for whoever sends no header. */
const DEFAULT_SECONDS = 10;
/** No collector is worth a longer wait, whatever the header says. */
const MAX_SECONDS = 10;
/** Kept for printing and the network: a fifth, but never more than half a second. */
const OFFSET_SHARE = 0.2;
const MAX_OFFSET_SECONDS = 0.5;

/** Milliseconds for the collectors, from the header `X-Prometheus-Scrape-Timeout-Seconds`; nonsense counts as absent. */
export function scrapeBudgetMillis(header: string | undefined): number {
  const told = Number(header);
  const seconds = Number.isFinite(told) && told > 0 ? Math.min(told, MAX_SECONDS) : DEFAULT_SECONDS;
  const offset = Math.min(seconds * OFFSET_SHARE, MAX_OFFSET_SECONDS);
  return Math.round((seconds - offset) * 1000);
}
