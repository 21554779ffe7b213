/** The uploaded files that are kept: to go on with one, or to delete it. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { Page } from '../../api/operation-types.ts';
import type { Upload } from '../../api/upload-file.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { useSession } from '../../session/session-context.tsx';
import { isGoingOn, useDatasets } from '../datasets/use-datasets.ts';

const uploadsKey = ['uploads'] as const;

/** Absent while there are none. */
export function UploadsCard() {
  const formats = useFormats();
  const nowMs = useNow();
  const { data } = useQuery<Page<Upload>, ApiProblem>({
    queryKey: uploadsKey,
    queryFn: ({ signal }) => call('GET /admin/v1/uploads', { query: { limit: 50 } }, signal),
  });
  const { data: datasets = [] } = useDatasets();
  const remove = useDeleteUpload();
  const isNeeded = ({ dataset }: Upload) =>
    datasets.some(
      ({ dataset: name, waiting_run: waiting, last_run: last }) =>
        name === dataset && (waiting !== null || (last !== null && isGoingOn(last))),
    );
  if (data === undefined || data.data.length === 0) return null;
  const columns: readonly FoldColumn<Upload>[] = [
    { id: 'name', head: 'File', cell: (upload) => <UploadLink upload={upload} /> },
    {
      ...{ id: 'dataset', head: 'Run of', folds: true },
      cell: ({ dataset }) => dataset ?? 'none yet',
    },
    {
      ...{ id: 'size', head: 'Size', isNumber: true, folds: true },
      cell: ({ bytes }) =>
        bytes < smallBytes
          ? `${formats.count(Math.ceil(bytes / 1_000))} kB`
          : formats.megabytes(bytes),
    },
    {
      ...{ id: 'arrived', head: 'Arrived', folds: true },
      cell: ({ created_at: time }) => formats.when(time, nowMs),
    },
    {
      ...{ id: 'delete', head: 'Delete', isAction: true },
      cell: (upload) =>
        isNeeded(upload) ? (
          'its run waits'
        ) : (
          <Button
            aria-label={`Delete ${upload.name}`}
            loading={remove.isPending && remove.variables === upload.id}
            onClick={() => remove.mutate(upload.id)}
          >
            Delete
          </Button>
        ),
    },
  ];
  return (
    <Card
      title="Uploaded files"
      note="Deleted after their run, and after 24 hours"
      foot={remove.error === null ? undefined : <ProblemLine error={remove.error} />}
    >
      <FoldTable columns={columns} entries={data.data} keyOf={({ id }) => id} />
    </Card>
  );
}

/** Smaller files would have 0 MB. */
const smallBytes = 100_000;

/** Goes on with the file. Until a run reads it, only the sender sees what is in it. */
function UploadLink({ upload }: { readonly upload: Upload }) {
  const { id, name, dataset, created_by: sender } = upload;
  const { user } = useSession();
  if (dataset === null && sender !== `user:${user.id}`) return name;
  return (
    <Link
      to="/new-dataset"
      search={{ upload: id, ...(dataset === null ? {} : { dataset }) }}
      aria-label={`Go on with ${name}`}
    >
      {name}
    </Link>
  );
}

function useDeleteUpload() {
  const client = useQueryClient();
  return useMutation<unknown, ApiProblem, string>({
    mutationFn: (id) => call('DELETE /admin/v1/uploads/{id}', { params: { id } }),
    onSuccess: () => announce('The file is deleted'),
    onSettled: () => client.invalidateQueries({ queryKey: uploadsKey }),
  });
}

/** Deletes a file that is not chosen in the end. A run may still need one that it was given. */
export function useLeaveUpload() {
  const client = useQueryClient();
  return useMutation<unknown, ApiProblem, string>({
    mutationFn: async (id) => {
      const params = { id };
      const { dataset } = await call('GET /admin/v1/uploads/{id}', { params });
      if (dataset === null) await call('DELETE /admin/v1/uploads/{id}', { params });
    },
    onSettled: () => client.invalidateQueries({ queryKey: uploadsKey }),
  });
}
