/** Shows, creates, changes and removes segments. */
import * as operations from '@usher/contract/definition-operations';
import type { ContactCaller } from '../../administration/contact/contact-caller.ts';
import { DefinitionProblems } from '../../administration/dataset/definition-problems.ts';
import {
  openPreview,
  type PreviewSubject,
  seenPreview,
} from '../../administration/rule/preview-segment.ts';
import {
  createSegment,
  editSegment,
  listSegmentEdits,
  listSegments,
  readSegment,
  removeSegment,
} from '../../administration/rule/segments.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  type PreviewCall,
  type PreviewStep,
  runPreview,
  startPreview,
} from '../../runs/preview-process.ts';
import { type AdminCall, adminRoute, pageAnswer } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { jsonAnswer, taggedAnswer } from '../json-answer.ts';
import { linesAnswer } from '../lines-answer.ts';

export const segmentRoutes = [
  adminRoute(operations.listSegments, async (call) => {
    const segments = await listSegments(call.administration, call.organizationId);
    return pageAnswer(segments, ({ id }) => String(id), call);
  }),

  adminRoute(operations.createSegment, async (call) => {
    const { administration, organizationId, body, limitHead } = call;
    const segment = await createSegment(administration, organizationId, givenMembers(body));
    const location = headLine('Location', `/admin/v1/segments/${segment.id}`);
    return jsonAnswer(201, segment, location + limitHead);
  }),

  /** The work is done by a process of its own, so that look-ups of this thread do not wait. */
  adminRoute(operations.previewSegment, async (call, context) => {
    const view = await runPreview(await previewCall(call, context));
    return jsonAnswer(200, seenPreview(contactCaller(call), view), call.limitHead);
  }),

  adminRoute(operations.followPreview, async (call, context) => {
    const steps = startPreview(await previewCall(call, context));
    const seen = seenSteps(contactCaller(call), steps);
    return linesAnswer(seen, { head: call.limitHead, requestId: call.requestId });
  }),

  adminRoute(operations.getSegment, async (call) => {
    const { administration, organizationId, params } = call;
    return taggedAnswer(await readSegment(administration, organizationId, params.id), call);
  }),

  adminRoute(operations.updateSegment, async (call) => {
    const { administration, organizationId, params, body, precondition } = call;
    const edit = givenMembers({ ...body, reference: params.id, precondition });
    return taggedAnswer(await editSegment(administration, organizationId, edit), call);
  }),

  adminRoute(operations.deleteSegment, async (call) => {
    const { administration, organizationId, params, precondition, limitHead } = call;
    const removal = givenMembers({ reference: params.id, precondition });
    await removeSegment(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  }),

  adminRoute(operations.listSegmentEdits, async (call) => {
    const { administration, organizationId, params } = call;
    const edits = await listSegmentEdits(administration, organizationId, params.id);
    return pageAnswer(edits, ({ number }) => String(number), call);
  }),
];

async function* seenSteps(caller: ContactCaller, steps: AsyncIterable<PreviewStep>) {
  for await (const step of steps) {
    yield 'preview' in step ? { preview: seenPreview(caller, step.preview) } : step;
  }
}

type PreviewOperation = typeof operations.previewSegment | typeof operations.followPreview;

function contactCaller({ administration, caller }: AdminCall<PreviewOperation>): ContactCaller {
  return { administration, organization: caller.organization };
}

async function previewCall(
  call: AdminCall<PreviewOperation>,
  { runs }: ApiContext,
): Promise<PreviewCall> {
  const asking = contactCaller(call);
  const { organization } = asking;
  const subject = previewSubject(call.body);
  const { segment } = await openPreview(asking, subject);
  return {
    dataFolder: runs.dataFolder,
    organization: organization.organization.name,
    subject: segment === null ? subject : { reference: String(segment.id) },
    isExact: call.body.exact === true,
    stop: AbortSignal.any([call.whenGone(), runs.interrupted]),
  };
}

function previewSubject(body: {
  readonly segment?: string;
  readonly rule?: string;
}): PreviewSubject {
  const { segment, rule } = body;
  const problems = new DefinitionProblems();
  problems.check((segment === undefined) !== (rule === undefined), '', eitherWords);
  problems.throwIfAny();
  return rule === undefined ? { reference: segment ?? '' } : { rule };
}

const eitherWords = 'Give either a segment or a rule.';
