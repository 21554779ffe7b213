/** A plain JSON object. Documents are built from these. */
export type JsonObject = { [member: string]: unknown };
