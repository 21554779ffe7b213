/** Look-ups by GET or HEAD that `fast-lane.ts` does not answer. */
import { getContact } from '@usher/contract/audience-operations';
import { answerLookup } from '../lookup/answer-lookup.ts';
import type { Route } from '../route.ts';

export const getContactRoute: Route = {
  operation: getContact,
  answer: (context, { query, headers, address, requestId }) => {
    const { authorization, prefer, 'if-none-match': ifNoneMatch } = headers;
    const call = {
      query,
      authorization,
      ifNoneMatch,
      prefer: prefer?.toString(),
      freshness: headers['usher-freshness']?.toString(),
      minRevision: headers['usher-min-revision']?.toString(),
      address,
      requestId,
    };
    return answerLookup(context, call, (error) => {
      context.log.error({ error, request_id: requestId }, 'a look-up failed');
    });
  },
};
