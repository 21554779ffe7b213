/** What one step of a pass through a database removed, and where the next one begins. */
export interface Purged {
  readonly removed: number;
  /** `null`: all was looked at. */
  readonly next: string | null;
}
