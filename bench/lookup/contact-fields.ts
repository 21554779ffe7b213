/**
 * The forty fields of the measured contacts: two datasets of twenty fields. Every request asks for
 * twenty-four of them (3 currency, 3 date, 1 set, 2 boolean, 5 numeric, 10 strings).
 * `contacts-data.ts` generates their values.
 */
import type { FieldType } from '../../server/src/domain/contact/field.ts';

export type DatasetName = 'crm' | 'shop';

export interface BenchField {
  readonly name: string;
  readonly type: FieldType;
  readonly dataset: DatasetName;
  /** Whether the measured requests ask for the field. */
  readonly asked: boolean;
}

const asked = true;
const stored = false;

const crmFields: readonly (readonly [name: string, type: FieldType, asked: boolean])[] = [
  ['first_name', 'string', asked],
  ['last_name', 'string', asked],
  ['address_street', 'string', stored],
  ['address_city', 'string', asked],
  ['address_state', 'string', asked],
  ['address_country', 'string', stored],
  ['postal_code', 'string', stored],
  ['phone_number', 'string', stored],
  ['preferred_language', 'string', asked],
  ['company', 'string', stored],
  ['job_title', 'string', stored],
  ['loyalty_tier', 'string', asked],
  ['loyalty_points', 'positive integer', asked],
  ['lead_score', 'float', asked],
  ['is_subscribed', 'boolean', asked],
  ['is_vip', 'boolean', stored],
  ['signup_date', 'date', asked],
  ['birth_date', 'date', stored],
  ['interests', 'set', asked],
  ['notes', 'text', stored],
];

const shopFields: readonly (readonly [name: string, type: FieldType, asked: boolean])[] = [
  ['total_lifetime_value', 'currency', asked],
  ['average_order_value', 'currency', asked],
  ['last_order_value', 'currency', asked],
  ['store_credit', 'currency', stored],
  ['first_purchase_date', 'date', stored],
  ['last_purchase_date', 'date', asked],
  ['last_visit_at', 'date', asked],
  ['order_count', 'positive integer', asked],
  ['return_rate', 'rate', asked],
  ['days_between_orders', 'float', asked],
  ['has_open_cart', 'boolean', asked],
  ['cart_items', 'set', stored],
  ['favorite_category', 'string', asked],
  ['favorite_brand', 'string', asked],
  ['favorite_store', 'string', asked],
  ['last_product', 'string', asked],
  ['last_product_url', 'string', stored],
  ['payment_method', 'string', stored],
  ['coupon_code', 'string', stored],
  ['account_number', 'big integer', stored],
];

/** In the order of the generated columns. */
export const benchFields: readonly BenchField[] = [
  ...crmFields.map(([name, type, asked]) => ({ name, type, dataset: 'crm' as const, asked })),
  ...shopFields.map(([name, type, asked]) => ({ name, type, dataset: 'shop' as const, asked })),
];

export const askedFieldNames: readonly string[] = benchFields
  .filter((field) => field.asked)
  .map((field) => field.name);

/** The column of each dataset's file that identifies the contact. */
export const identityColumns: Readonly<Record<DatasetName, string>> = {
  crm: 'crm_email',
  shop: 'shop_email',
};
