/** Finds contacts. The query is in the body, so that no personal data is in a URL. */
import { searchContacts as operation } from '@usher/contract/contact-operations';
import { searchContacts } from '../../administration/contact/search-contacts.ts';
import { adminRoute } from '../admin-route.ts';
import { jsonAnswer } from '../json-answer.ts';

export const contactSearchRoute = adminRoute(operation, async (call, { reader }) => {
  const { administration, caller, body, limitHead } = call;
  const asking = { administration, organization: caller.organization };
  const search = { query: body.query, type: body.type ?? null };
  return jsonAnswer(200, await searchContacts(asking, reader, search), limitHead);
});
