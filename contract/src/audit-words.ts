/** The entries of the audit log that changed nothing: somebody saw, searched or exported. */
export const auditReads = [
  'access_log.export',
  'audit.export',
  'contact.explain',
  'contact.identities',
  'contact.list',
  'contact.reveal',
  'contact.search',
  'privacy.export',
  'segment.members',
  'segment.preview',
] as const;

export type AuditRead = (typeof auditReads)[number];

/** `changes` is every entry that is no read. */
export const auditKinds = ['changes', 'reads'] as const;

export type AuditKind = (typeof auditKinds)[number];
