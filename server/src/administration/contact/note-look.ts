/** Notes in the access log which contact an act of administration showed. */
import { type AccessOutcome, type AccessWay, fieldSetText } from '../../access/access-entry.ts';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { builtInFieldId, isBuiltInFieldName } from '../../domain/contact/field.ts';
import { idWords } from '../../stores/read-record.ts';
import type { IdentityKey } from '../../stores/store.ts';
import type { ContactCaller } from './contact-caller.ts';

export interface ShownLook {
  /** The id of the contact (type 0) if it was found, else the identity that was asked for. */
  readonly subject: Pick<IdentityKey, 'typeId' | 'digest'>;
  readonly way: AccessWay;
  readonly outcome?: AccessOutcome;
  /** Names of fields whose values were shown. */
  readonly fields: Iterable<string>;
  /** Why, from a list of reasons, with a ticket number. */
  readonly remark?: string;
}

/** Does nothing for an operator at the command line, who can read the data folder itself. */
export function noteLook(
  { administration, organization }: ContactCaller,
  { subject, way, outcome = 'success', fields, remark = '' }: ShownLook,
): void {
  const organizationId = organization.organization.id;
  const words = idWords(subject.digest);
  administration.noteLook?.(
    { organizationId, typeId: subject.typeId, words },
    { way, outcome, fields: fieldSetText(fieldIdsOf(organization, fields)), remark },
  );
}

/** The subject of a contact that was found. */
export function contactSubject(contactId: Uint8Array): ShownLook['subject'] {
  return { typeId: 0, digest: contactId };
}

function fieldIdsOf(organization: OrganizationState, names: Iterable<string>): number[] {
  const ids: number[] = [];
  for (const name of names) {
    const id = organization.fields.get(name)?.id;
    if (id !== undefined) ids.push(id);
    else if (isBuiltInFieldName(name)) ids.push(builtInFieldId(name));
  }
  return ids;
}
