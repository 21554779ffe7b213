/** A plain JSON object, as documents are built of. */
export type JsonObject = { [member: string]: unknown };
