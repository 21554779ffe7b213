/** The freshness of a contact's fields, as the server reports it. */

export interface FieldFreshness {
  /** The dataset that fills the field; `null` for a built-in field. */
  readonly dataset: string | null;
  /**
   * The value is what the source contained at this time, or was amended at this time. RFC 3339;
   * `null` if unknown.
   */
  readonly as_of: string | null;
  readonly status:
    | 'present'
    | 'implied'
    | 'null'
    | 'stale'
    | 'withheld'
    | 'amended'
    | 'approximate'
    // Statuses are only ever added.
    | (string & {});
}

export interface FreshContact<Fields extends object> {
  readonly contact: Fields;
  /** By field name. */
  readonly freshness: Readonly<Record<string, FieldFreshness>>;
}
