/** Erases a contact for good, after its name was typed. */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { AnswerOf } from '../../../api/operation-types.ts';
import { ConfirmDialog } from '../../../parts/confirm-dialog.tsx';
import { notify } from '../../../parts/notice.tsx';
import { isIn, listMemberships } from './list-memberships.ts';
import type { Explanation } from './use-contact.ts';

type PrivacyRequest = AnswerOf<'POST /admin/v1/privacy/requests'>;

interface EraseParts {
  readonly contact: Explanation;
  readonly name: string;
  readonly onClose: () => void;
}

export function EraseDialog({ contact, name, onClose }: EraseParts) {
  const navigate = useNavigate();
  const erase = useMutation<PrivacyRequest, ApiProblem>({
    mutationFn: () =>
      call('POST /admin/v1/privacy/requests', {
        body: { kind: 'erase', identity: `id:${contact.contact_id}` },
      }),
    onSuccess: ({ id, state }) => {
      notify({ words: `${name} ${stateWords[state]}.`, id: { label: 'Receipt', text: id } });
      void navigate({ to: '/contacts' });
    },
    gcTime: 0,
  });
  return (
    <ConfirmDialog
      title={`Erase ${name} for good`}
      effects={[
        effectWords(contact),
        'No later sync, push or restored backup brings the data back.',
        'A receipt without personal data stays.',
      ]}
      word={shortName(contact)}
      verb="Erase"
      keepVerb="Keep"
      isPending={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

function effectWords(contact: Explanation): string {
  const identities = contact.identities.filter(({ leads_here }) => leads_here).length;
  const values = contact.fields.filter(({ has_row }) => has_row).length;
  const memberships = listMemberships(contact).filter(isIn).length;
  const parts = [
    plural(identities, 'identity', 'identities'),
    plural(values, 'field', 'fields'),
    plural(memberships, 'membership', 'memberships'),
  ];
  return `${parts.slice(0, 2).join(', ')} and ${parts[2]} go within a minute.`;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const stateWords: Readonly<Record<PrivacyRequest['state'], string>> = {
  received: 'is being erased',
  running: 'is being erased',
  done: 'is erased',
  failed: 'could not be erased: ask the operator to look at the request',
};

/** The shortest identity that is shown, of an e-mail its first part; else the end of the id. */
function shortName({ identities, contact_id }: Explanation): string {
  const values = identities.flatMap(({ identity: { value }, leads_here }) =>
    leads_here && value !== null ? [value.replace(/@.*/s, '')] : [],
  );
  const shortest = values.toSorted((one, other) => one.length - other.length)[0];
  return shortest ?? contact_id?.slice(-6) ?? 'erase';
}
