/** Shows the state of the organization in one answer. */
import { getOverview as operation } from '@usher/contract/insight-operations';
import { readOverview } from '../../administration/overview/read-overview.ts';
import { adminRoute } from '../admin-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const overviewRoute = adminRoute(operation, async (call, { reader, usageHistory }) => {
  const { administration, organizationId, limitHead } = call;
  const sources = { reader, usage: usageHistory };
  return jsonAnswer(200, await readOverview(administration, organizationId, sources), limitHead);
});
