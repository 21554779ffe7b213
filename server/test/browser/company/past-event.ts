/** Something that happened before the pictures were taken. */
export interface PastEvent {
  readonly hoursAgo: number;
  readonly act: () => Promise<unknown>;
}
