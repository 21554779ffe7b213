/** Who is this to us, how fresh is that, and why? */
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { Avatar } from '../../../parts/avatar.tsx';
import { Badge } from '../../../parts/badge.tsx';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { IdentityChips } from '../../../parts/identity-chips.tsx';
import { PageHead } from '../../../parts/page-head.tsx';
import { Permitted } from '../../../parts/permitted.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { TabLinks } from '../../../parts/tab-links.tsx';
import { UndoToast } from '../../../parts/undo-toast.tsx';
import { useMay } from '../../../session/session-context.tsx';
import { AnswerCard } from './answer-card.tsx';
import { ContactActions } from './contact-actions.tsx';
import { contactName, contactTitle } from './contact-name.ts';
import styles from './contact-page.module.css';
import { ContactSkeleton } from './contact-skeleton.tsx';
import { FieldsCard } from './fields-card.tsx';
import { IdentitiesCard } from './identities-card.tsx';
import { isIn, listMemberships } from './list-memberships.ts';
import { MembershipsCard } from './memberships-card.tsx';
import { type Explanation, useContact, useFields, useTokens } from './use-contact.ts';
import { type OfferUndo, useUndoJoin } from './use-undo-join.ts';
import { WhoLookedCard } from './who-looked-card.tsx';
import { WhoLookedTab } from './who-looked-tab.tsx';

export function ContactPage() {
  const { id } = useParams({ from: '/inside/contacts/$id' });
  const { token } = useSearch({ from: '/inside/contacts/$id' });
  const tokens = useTokens();
  const [first] = tokens ?? [];
  const chosen = token ?? first?.id;
  const isReady = token !== undefined || tokens !== undefined;
  const { data, error, refetch } = useContact({ id, token: chosen, isReady });
  if (data === undefined) {
    if (error === null) return <ContactSkeleton id={id} />;
    return (
      <>
        <PageHead title="Contact" windowTitle={contactTitle(id)} crumbs={crumbs(id)} />
        {error.facts.code === 'contact_not_found' ? (
          <NoContact />
        ) : (
          <ProblemCard error={error} onRetry={() => void refetch()} />
        )}
      </>
    );
  }
  return <Contact contact={data} id={id} chosen={chosen} />;
}

/** An id does not come back, so asking again would change nothing. */
function NoContact() {
  return (
    <Card title="Nobody here">
      <EmptyState title="No contact has this id">
        <span>
          The person was erased, or every row that named them is gone. The link may also be from
          another organization.
        </span>
        <Link to="/contacts">Find a contact</Link>
      </EmptyState>
    </Card>
  );
}

function Contact({
  contact,
  id,
  chosen,
}: {
  readonly contact: Explanation;
  readonly id: string;
  readonly chosen: string | undefined;
}) {
  const { tab } = useSearch({ from: '/inside/contacts/$id' });
  const seesLooks = useMay('access:read');
  const name = contactName(contact);
  const undo = useUndoJoin();
  // Ids of contacts that were merged lead to the one that is left.
  const isMerged = contact.contact_id !== null && contact.contact_id !== id;
  const own = contact.identities.filter(({ leads_here }) => leads_here);
  return (
    <>
      <PageHead
        title={name}
        windowTitle={contactTitle(id)}
        crumbs={crumbs(id)}
        mark={<Avatar name={name} size={44} />}
        beside={isMerged && <Badge tone="outline">merged since the link was made</Badge>}
        facts={<IdentityChips identities={own.map(({ identity }) => identity)} most={4} />}
        actions={<ContactActions contact={contact} name={name} onMerged={undo.offer} />}
      />
      <TabLinks label={`Parts of ${name}`} tabs={tabsOf(contact, seesLooks)} />
      {undo.error !== null && <ProblemCard error={undo.error} />}
      <Tab contact={contact} tab={tab} chosen={chosen} onSplit={undo.offer} />
      <UndoToast done={undo.done} onOver={undo.forget} />
    </>
  );
}

function Tab({
  contact,
  tab,
  chosen,
  onSplit,
}: {
  readonly contact: Explanation;
  readonly tab: string | undefined;
  readonly chosen: string | undefined;
  readonly onSplit: OfferUndo;
}) {
  const fields = useFields();
  const tokens = useTokens() ?? [];
  const seesTokens = useMay('tokens:read');
  const seesLooks = useMay('access:read');
  if (tab === 'memberships') return <MembershipsCard contact={contact} fields={fields} isWhole />;
  if (tab === 'looks') {
    return (
      <Permitted permission="access:read" what="tab">
        <WhoLookedTab id={contact.contact_id ?? ''} />
      </Permitted>
    );
  }
  if (tab === 'identities') return <IdentitiesCard contact={contact} onSplit={onSplit} />;
  return (
    <div className={styles.columns}>
      <div className={styles.column}>
        <FieldsCard contact={contact} fields={fields} />
        <MembershipsCard contact={contact} fields={fields} isWhole={false} />
      </div>
      <div className={styles.column}>
        {seesTokens && <AnswerCard contact={contact} tokens={tokens} chosen={chosen} />}
        <IdentitiesCard contact={contact} onSplit={onSplit} />
        {seesLooks && <WhoLookedCard id={contact.contact_id ?? ''} />}
      </div>
    </div>
  );
}

function tabsOf(contact: Explanation, seesLooks: boolean) {
  const all = listMemberships(contact);
  const members = all.filter(isIn).length;
  const identities = contact.identities.filter(({ leads_here }) => leads_here).length;
  return [
    { tab: undefined, label: 'Profile' },
    { tab: 'memberships', label: 'Memberships', count: shareOf(members, all.length) },
    { tab: 'identities', label: 'Identities', count: String(identities) },
    ...(seesLooks ? [{ tab: 'looks', label: 'Who looked' }] : []),
  ];
}

function shareOf(some: number, all: number): string {
  return some === all ? String(all) : `${some} of ${all}`;
}

function crumbs(id: string) {
  return [
    <Link to="/contacts" key="contacts">
      Contacts
    </Link>,
    <code key="id">{id.slice(0, 13)}</code>,
  ];
}
