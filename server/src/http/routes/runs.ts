/** Shows, starts, decides and rolls back runs. */
import * as operations from '@usher/contract/dataset-operations';
import { UsherError } from '../../domain/errors.ts';
import { listDatasetStatus, readDatasetStatus } from '../../runs/dataset-status.ts';
import { decideRun } from '../../runs/decide-run.ts';
import { listPlanExamples } from '../../runs/list-plan-examples.ts';
import { exportRejections, listRejections } from '../../runs/list-rejections.ts';
import { listRuns, readRun } from '../../runs/read-runs.ts';
import { rollBackLastRun, setSchedulePaused } from '../../runs/roll-back-run.ts';
import type { RunCaller } from '../../runs/run-caller.ts';
import { type AdminCall, adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { exportAnswer } from '../export-answer.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';

export const runRoutes = [
  adminRoute(operations.listDatasetRuns, (call) =>
    runPage(call, { ...call.query, dataset: call.params.name }),
  ),

  adminRoute(operations.listRuns, (call) => runPage(call, call.query)),

  adminRoute(operations.getRun, async (call) => {
    return jsonAnswer(200, await readRun(call, call.params.id, 'admin:read'), call.limitHead);
  }),

  adminRoute(operations.listDatasetStatus, async (call, { reader }) => {
    const statuses = await listDatasetStatus(call, reader);
    return pageAnswer(statuses, ({ dataset }) => dataset, call);
  }),

  scheduleRoute(operations.pauseSchedule, true),
  scheduleRoute(operations.resumeSchedule, false),

  adminRoute(operations.listRunRejections, async (call, { runs }) => {
    const { limit = pageSize.default, cursor, code } = call.query;
    const afterLine = cursor === undefined ? 0 : Number(await call.cursors.open(cursor));
    const page = { runId: call.params.id, afterLine, limit: limit + 1, code };
    const found = await listRejections(call, runs.dataFolder, page);
    const last = found.length > limit ? found[limit - 1] : undefined;
    const next = last === undefined ? null : await call.cursors.seal(String(last.line));
    const data = found.slice(0, limit).map(({ view }) => view);
    return jsonAnswer(200, { data, next_cursor: next }, call.limitHead);
  }),

  adminRoute(operations.exportRunRejections, async (call, { runs, clock }) => {
    const { id: runId } = call.params;
    const { format, code } = call.body;
    const steps = await exportRejections(call, runs.dataFolder, { runId, code });
    const columns = ['file', 'row', 'column', 'code', 'reason'] as const;
    const name = `rejections-${runId.slice(0, 4)}`;
    const { limitHead } = call;
    return exportAnswer(steps, { name, format, columns, nowMs: clock(), limitHead });
  }),

  adminRoute(operations.listPlanExamples, async (call, { reader }) => {
    const { administration, caller, params, limitHead } = call;
    const asking = { administration, organization: caller.organization };
    return jsonAnswer(200, { data: await listPlanExamples(asking, reader, params.id) }, limitHead);
  }),

  decisionRoute(operations.approveRun, 'approved'),
  decisionRoute(operations.rejectRun, 'rejected'),

  /** The run continues in its own process after the answer. */
  adminRoute(operations.startRun, async (call, { runs }) => {
    const run = await runs.start(call, call.params.name, call.body.upload);
    const location = headLine('Location', `/admin/v1/runs/${run.run_id}`);
    return jsonAnswer(202, run, location + call.limitHead);
  }),

  /** Answers when all contacts have their old values. */
  adminRoute(operations.rollBackRun, async (call, { reader, writer, runs }) => {
    const { dataFolder, interrupted } = runs;
    const parts = { dataFolder, interrupted, reader, writer: await writer() };
    return jsonAnswer(200, await rollBackLastRun(call, parts, call.params.id), call.limitHead);
  }),
];

type RunListCall = Pick<AdminCall<typeof operations.listRuns>, 'cursors' | 'limitHead'> & RunCaller;

async function runPage(
  call: RunListCall,
  {
    limit = pageSize.default,
    cursor,
    dataset,
    state,
  }: AdminCall<typeof operations.listRuns>['query'],
) {
  const afterId = cursor === undefined ? undefined : await call.cursors.open(cursor);
  const runs = await listRuns(call, { dataset, state, afterId, limit: limit + 1 });
  const data = runs.slice(0, limit);
  const last = runs.length > limit ? data.at(-1) : undefined;
  const next = last === undefined ? null : await call.cursors.seal(last.run_id);
  return jsonAnswer(200, { data, next_cursor: next }, call.limitHead);
}

function scheduleRoute(
  operation: typeof operations.pauseSchedule | typeof operations.resumeSchedule,
  isPaused: boolean,
) {
  return adminRoute(operation, async (call, { reader }) => {
    const { name: dataset } = call.params;
    if (!(await setSchedulePaused(call, { dataset, isPaused })) && isPaused) {
      throw new UsherError(
        'definition_invalid',
        `The dataset ${dataset} has no schedule to pause.`,
      );
    }
    return jsonAnswer(200, await readDatasetStatus(call, reader, dataset), call.limitHead);
  });
}

function decisionRoute(
  operation: typeof operations.approveRun | typeof operations.rejectRun,
  verdict: 'approved' | 'rejected',
) {
  return adminRoute(operation, async (call) => {
    const decision = { runId: call.params.id, verdict };
    return jsonAnswer(200, await decideRun(call, decision), call.limitHead);
  });
}
