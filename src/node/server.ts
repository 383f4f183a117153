/** The agent's HTTP: metrics, a landing page, whether the process is alive and ready, and a reload where that is enabled. It never votes. */
import express, { type Express, type Request, type Response } from 'express';
import type { Exposition, ExpositionFormat } from '../metrics/exposition.ts';
import { answerReload, type ReloadRoute } from './reload-route.ts';
import { scrapeBudgetMillis } from './scrape-budget.ts';

export interface ServerParts {
  readonly node: string;
  readonly cluster: string;
  readonly version: string;
  /** Prints one scrape; must not reject for anything that the world does. */
  readonly metrics: (budgetMs: number, format: ExpositionFormat) => Promise<Exposition>;
  /** True once the first round of everything has been taken. Not "PostgreSQL is up". */
  readonly ready: () => boolean;
  readonly reload: ReloadRoute;
}

/** Makes the application; the caller listens. */
export function createServer(parts: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/metrics', async (request, response) => {
    const budgetMs = scrapeBudgetMillis(request.get('x-prometheus-scrape-timeout-seconds'));
    const { contentType, body } = await parts.metrics(budgetMs, formatFor(request));
    response.set('Content-Type', contentType).end(body);
  });
  app.get('/-/healthy', (_request, response) => {
    response.type('text/plain').send('healthy\n');
  });
  app.get('/-/ready', (_request, response) => {
    const ready = parts.ready();
    response
      .status(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ready\n' : 'not ready\n');
  });
  app.post('/-/reload', async (request, response) => {
    const fromPage = request.get('origin') !== undefined || request.get('sec-fetch-site') !== undefined;
    const asker = { remoteAddress: request.socket.remoteAddress, fromPage };
    const { status, body } = await answerReload(parts.reload, asker);
    response.status(status).type('text/plain').send(body);
  });
  app.all('/-/reload', (_request, response) => {
    response.status(405).set('Allow', 'POST').type('text/plain').send('expected POST\n');
  });
  app.get('/', (_request, response) => landingPage(parts, response));
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('not found\n');
  });
  return app;
}

/** OpenMetrics only where it is asked for by name: whoever takes anything gets the plain text. */
function formatFor(request: Request): ExpositionFormat {
  const accepted = request.get('accept') ?? '';
  if (!/application\/openmetrics-text/.test(accepted)) return 'text';
  return request.accepts(['application/openmetrics-text', 'text/plain']) === 'application/openmetrics-text'
    ? 'openmetrics'
    : 'text';
}

function landingPage(parts: ServerParts, response: Response): void {
  // Names and version hold no character that HTML treats specially: the configuration allows only [a-z0-9-].
  response.set('Content-Security-Policy', "default-src 'none'").type('text/html').send(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Primacy agent ${parts.node}</title></head>
<body>
<h1>Primacy agent ${parts.version}</h1>
<p>Node ${parts.node} of cluster ${parts.cluster}.</p>
<ul>
<li><a href="/metrics">Metrics</a></li>
<li><a href="/-/healthy">Healthy</a></li>
<li><a href="/-/ready">Ready</a></li>
</ul>
</body>
</html>
`);
}
