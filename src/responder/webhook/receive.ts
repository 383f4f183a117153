/** The webhook's stages in order: authenticate, limit, parse, persist, acknowledge, wake the workers. */
import { text, type NextFunction, type Request, type Response, type Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { ResponderMetrics } from '../../metrics/responder-metrics.ts';
import { systemClock } from '../../world/clock.ts';
import type { Log } from '../execute/context.ts';
import { appendEntry } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import { isAuthorized } from './authenticate.ts';
import { parseNotification } from './notification.ts';
import { persistNotification, type Persisted } from './persist.ts';

/** A larger body is refused unread. */
export const BODY_LIMIT_BYTES: number = 1024 * 1024;
/** Calls with a wrong token, per minute and address: guessing gets slow, Alertmanager never notices. */
const WRONG_TOKENS_PER_MINUTE_MAX = 60;

export interface WebhookContext {
  readonly store: Store;
  readonly token: string;
  readonly clusters: ReadonlySet<string>;
  readonly metrics: ResponderMetrics;
  readonly log: Log;
  /** Something new was heard of this cluster. */
  readonly notify: (cluster: string) => void;
}

/** Adds `POST /api/v1/webhook`. */
export function addWebhook(router: Router, context: WebhookContext): void {
  const isKnownSender = (request: Request): boolean =>
    isAuthorized(request.headers.authorization, context.token);
  router.post(
    '/api/v1/webhook',
    rateLimit({
      windowMs: 60_000,
      limit: WRONG_TOKENS_PER_MINUTE_MAX,
      skip: isKnownSender,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
    }),
    (request: Request, response: Response, next: NextFunction) => {
      if (isKnownSender(request)) return next();
      context.metrics.notifications.inc({ outcome: 'unauthorized' });
      response.status(401).set('WWW-Authenticate', 'Bearer').json(problem('unauthorized', 'wrong token'));
    },
    // Any content type: a sender that names the wrong one still gets an answer about its body.
    text({ type: () => true, limit: BODY_LIMIT_BYTES }),
    (request: Request, response: Response) => accept(context, request, response),
  );
}

async function accept(context: WebhookContext, request: Request, response: Response): Promise<void> {
  const body = typeof request.body === 'string' ? request.body : '';
  const parsed = parseNotification(body);
  if (parsed.kind === 'invalid') {
    context.metrics.notifications.inc({ outcome: 'invalid' });
    response.status(400).json(problem('invalid', `${parsed.path}: ${parsed.problem}`, parsed.path));
    return;
  }
  const { notification } = parsed;
  const now = systemClock.wallMillis();
  let persisted: Persisted;
  try {
    persisted = await persistNotification(context.store, notification, body, context.clusters, now);
  } catch (error) {
    // 500 makes Alertmanager send it again; only what is on disk is acknowledged.
    context.metrics.notifications.inc({ outcome: 'failed' });
    throw error;
  }
  response.status(202).json({ accepted: true, newAlerts: persisted.newAlerts });
  context.metrics.notifications.inc({ outcome: 'accepted' });
  if (persisted.unknownClusters.length > 0) {
    context.metrics.alertsOfUnknownCluster.inc(persisted.unknownClusters.length);
    context.log.warn({ clusters: persisted.unknownClusters }, 'alerts of clusters that are not configured');
  }
  if (notification.truncatedAlerts > 0) {
    context.metrics.truncatedNotifications.inc();
    context.log.warn({ truncatedAlerts: notification.truncatedAlerts }, 'Alertmanager left alerts out');
  }
  for (const cluster of persisted.clusters) context.notify(cluster);
  if (persisted.newAlerts > 0) await noteAcknowledged(context, persisted);
}

async function noteAcknowledged(context: WebhookContext, persisted: Persisted): Promise<void> {
  const at = systemClock.wallMillis();
  for (const cluster of persisted.clusters) {
    await appendEntry(context.store, {
      at,
      cluster,
      remediation: null,
      node: null,
      event: 'notification-acknowledged',
      step: null,
      detail: { newAlerts: persisted.newAlerts },
    });
  }
}

/** The body of every refusal. */
export function problem(
  code: string,
  message: string,
  path: string | null = null,
): { readonly error: { readonly code: string; readonly message: string; readonly path: string | null } } {
  return { error: { code, message, path } };
}
