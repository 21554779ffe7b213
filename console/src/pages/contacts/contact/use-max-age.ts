/** The age that a dataset allows, from its definition. */
import { useQuery } from '@tanstack/react-query';
import { callPages } from '../../../api/call-pages.ts';
import type { PageEntries } from '../../../api/page-entries.ts';
import { useMay } from '../../../session/session-context.tsx';

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** In milliseconds; `null`: any age, or not known. */
export function useMaxAge(dataset: string | null): number | null {
  const seesDatasets = useMay('datasets:read');
  const { data } = useQuery<readonly PageEntries['GET /admin/v1/datasets'][]>({
    queryKey: ['datasets', 'all'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/datasets', signal),
    enabled: seesDatasets,
    staleTime: 60_000,
  });
  const found = data?.find(({ name }) => name === dataset);
  const definition = found?.definition as
    | { readonly max_age?: { readonly after: string } | null }
    | null
    | undefined;
  return parseAge(definition?.max_age?.after ?? '');
}

/** Such as `24h`. */
function parseAge(text: string): number | null {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  return match === null ? null : Number(match[1]) * (units[match[2] ?? ''] ?? 0);
}
