/** Puts the responder's HTTP together: headers, limits, webhook, read API, pages, metrics, and one place where errors end. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { ResponderMetrics } from '../metrics/responder-metrics.ts';
import { errorText } from '../core/model/primacy-error.ts';
import { rfc3339 } from './read/moment.ts';
import { apiRoutes } from './api.ts';
import type { ClusterContext, Log } from './execute/context.ts';
import type { OverviewParts } from './pages/overview.ts';
import { pageRoutes, sendMissing } from './pages/routes.ts';
import { readJournalDocument, readPlan, readStatus } from './read/documents.ts';
import { firingAlerts } from './store/alerts.ts';
import type { Store } from './store/store.ts';
import { systemClock } from '../world/clock.ts';
import { addWebhook, problem, type WebhookContext } from './webhook/receive.ts';

export interface ServerParts {
  readonly contexts: ReadonlyMap<string, ClusterContext>;
  readonly store: Store;
  readonly webhook: WebhookContext;
  readonly metrics: ResponderMetrics;
  readonly runbooks: string;
  readonly ready: () => boolean;
  readonly log: Log;
}

/** Each shown document may cost a look at every node: this many a minute and address. */
const READS_PER_MINUTE_MAX = 600;
const OVERVIEW_ENTRIES = 50;

/** Makes the application; the caller listens. */
export function createServer(parts: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders());
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
  app.get('/metrics', async (_request, response) => {
    const { registry } = parts.metrics;
    response.set('Content-Type', registry.contentType).end(await registry.metrics());
  });
  addWebhook(app, parts.webhook);
  app.use(
    rateLimit({
      windowMs: 60_000,
      limit: READS_PER_MINUTE_MAX,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
    }),
  );
  app.use(apiRoutes(parts.contexts, parts.store));
  app.use(pageRoutes({ runbooks: parts.runbooks, overview: () => overview(parts) }));
  app.use((_request, response) => sendMissing(response, 'There is no such page.'));
  app.use(errorHandler(parts));
  return app;
}

/** Plain HTTP stays possible: the two headers that would force HTTPS are left out. */
function securityHeaders(): ReturnType<typeof helmet> {
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
}

async function overview(parts: ServerParts): Promise<OverviewParts> {
  const clusters = await Promise.all(
    [...parts.contexts.values()].map(async (context) => ({
      status: await readStatus(context),
      plan: await readPlan(context),
    })),
  );
  const alerts = await firingAlerts(parts.store, null);
  return {
    at: rfc3339(systemClock.wallMillis()),
    clusters,
    journal: await readJournalDocument(parts.store, null, OVERVIEW_ENTRIES),
    strangers: alerts.filter((alert) => !alert.clusterKnown),
  };
}

/** Express knows an error handler by its four parameters. */
function errorHandler(parts: ServerParts) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    const status = statusOfError(error);
    if (status === 413) parts.metrics.notifications.inc({ outcome: 'too_large' });
    if (status >= 500) parts.log.error({ path: request.path, error: errorText(error) }, 'cannot answer');
    if (response.headersSent) return next(error);
    const message = status >= 500 ? 'the responder failed, see its log' : errorText(error);
    response.status(status).json(problem(status === 413 ? 'too-large' : 'failed', message));
  };
}

function statusOfError(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? error.status : 500;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
