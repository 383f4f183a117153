/** The read API: status, diagnosis, plan and journal as JSON, of one cluster or of all. */
import { Router, type Request, type Response } from 'express';
import type { ClusterContext } from './execute/context.ts';
import { readDiagnosis, readJournalDocument, readPlan, readStatus } from './read/documents.ts';
import { JOURNAL_READ_MAX } from './store/journal.ts';
import type { Store } from './store/store.ts';
import { problem } from './webhook/receive.ts';

const JOURNAL_READ_DEFAULT = 500;

/** `GET /api/v1/{status,diagnose,plan,journal}?cluster=NAME`. A cluster that is not configured gives 404. */
export function apiRoutes(contexts: ReadonlyMap<string, ClusterContext>, store: Store): Router {
  const router = Router();
  const ofClusters = (read: (context: ClusterContext) => Promise<unknown>) => {
    return async (request: Request, response: Response): Promise<void> => {
      const chosen = choose(contexts, request.query['cluster']);
      if (chosen === null) return refuse(response);
      send(response, { clusters: await Promise.all(chosen.map(read)) });
    };
  };
  router.get('/api/v1/status', ofClusters(readStatus));
  router.get('/api/v1/diagnose', ofClusters(readDiagnosis));
  router.get('/api/v1/plan', ofClusters(readPlan));
  router.get('/api/v1/journal', async (request, response) => {
    const { cluster } = request.query;
    if (choose(contexts, cluster) === null) return refuse(response);
    const limit = readLimit(request.query['limit']);
    if (limit === null) {
      response.status(400).json(problem('invalid', `limit: expected 1 to ${JOURNAL_READ_MAX}`));
      return;
    }
    send(response, await readJournalDocument(store, typeof cluster === 'string' ? cluster : null, limit));
  });
  return router;
}

function choose(
  contexts: ReadonlyMap<string, ClusterContext>,
  cluster: unknown,
): readonly ClusterContext[] | null {
  if (cluster === undefined) return [...contexts.values()];
  const context = typeof cluster === 'string' ? contexts.get(cluster) : undefined;
  return context === undefined ? null : [context];
}

function readLimit(limit: unknown): number | null {
  if (limit === undefined) return JOURNAL_READ_DEFAULT;
  const value = Number(limit);
  return Number.isInteger(value) && value >= 1 && value <= JOURNAL_READ_MAX ? value : null;
}

function refuse(response: Response): void {
  response.status(404).json(problem('unknown-cluster', 'the configuration has no such cluster'));
}

function send(response: Response, document: unknown): void {
  response.set('Cache-Control', 'no-store').json(document);
}
