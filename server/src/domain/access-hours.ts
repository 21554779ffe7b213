/** How often contacts were looked at, by hour. Counts alone: no contact, no caller, no field. */

export interface AccessHour {
  readonly organizationId: number;
  /** Hours since the epoch, in UTC. */
  readonly hour: number;
  /** Entries of the access log, misses too. */
  readonly looks: number;
  /** Those of users of the console. */
  readonly byUsers: number;
  /** Masked values that were revealed. */
  readonly reveals: number;
}

export interface AccessHours {
  /**
   * Adds to what is kept, and drops hours that are more than 31 days older than `nowHour`. A call
   * has each organization and hour at most once. Changes no revision.
   */
  addAccessHours(hours: readonly AccessHour[], nowHour: number): Promise<void>;
}
