/** Parts one identity from its contact, after its type was typed. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { ConfirmDialog } from '../../../parts/confirm-dialog.tsx';
import type { OfferUndo } from './use-undo-join.ts';

interface SplitParts {
  readonly contactId: string;
  readonly type: string;
  readonly value: string;
  readonly onSplit: OfferUndo;
}

export function SplitButton({ contactId, type, value, onSplit }: SplitParts) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const identity = `${type}:${value}`;
  const split = useMutation<unknown, ApiProblem>({
    mutationFn: () => call('POST /admin/v1/contacts/split', { body: { identity } }),
    onSuccess: async () => {
      setAsking(false);
      onSplit(`The ${type} is a contact of its own`, {
        identities: [`id:${contactId}`, identity],
      });
      await client.invalidateQueries({ queryKey: ['contact'] });
    },
  });
  return (
    <>
      <Button
        variant="subtle"
        data-size="compact"
        aria-label={`Split off… ${value}`}
        onClick={() => setAsking(true)}
      >
        Split off…
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Split ${value} off`}
          effects={[
            'The identity becomes a contact of its own, with the rows whose key it is.',
            'The same rows do not join the two again.',
            'Look-ups see it at once.',
          ]}
          word={type}
          verb="Split off"
          keepVerb="Keep"
          isPending={split.isPending}
          error={split.error}
          onConfirm={() => split.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
