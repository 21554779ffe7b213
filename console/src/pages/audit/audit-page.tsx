/** Who changed what, when? */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { download } from '../../api/call.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ExportMenu } from '../../parts/export-menu.tsx';
import { LogCard } from '../../parts/log-card.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { AuditFilters, type Change } from './audit-filters.tsx';
import { AuditList } from './audit-list.tsx';
import { type AuditSearch, useAudit, useAuditQuery } from './use-audit.ts';

export function AuditPage() {
  const search = useSearch({ from: '/inside/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const log = useAudit(search);
  const query = useAuditQuery(search);
  const change = (filters: Change) =>
    void navigate({
      search: (current) => defined({ ...current, ...filters }),
      replace: true,
    });
  return (
    <>
      <PageHead
        title="Audit"
        facts="Who changed what, and who read what. Never a secret, never a value of a contact."
        actions={
          <ExportMenu
            read={(format) =>
              download('POST /admin/v1/audit/export', { body: { format, ...query } })
            }
          />
        }
      />
      <AuditFilters search={search} seen={log.entries ?? []} onChange={change} />
      <LogCard
        title={titles[search.kind ?? ''] ?? 'Changes'}
        log={log}
        kept="Kept without end: no entry is ever changed or removed."
        isFiltered={Object.keys(search).length > 0}
        onClear={() => void navigate({ search: {}, replace: true })}
        empty={<NoChange />}
      >
        {(entries) => <AuditList entries={entries} />}
      </LogCard>
    </>
  );
}

const titles: Readonly<Record<string, string>> = { reads: 'Reads', all: 'Changes and reads' };

function NoChange() {
  return (
    <EmptyState title="Nothing has been changed yet">
      <span>Every change of a dataset, a field, a token or a user is noted here.</span>
      <Link to="/datasets">Go to the datasets</Link>
    </EmptyState>
  );
}

/** Without the filters that were taken away, so that the address is short. */
function defined(filters: Change): AuditSearch {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
