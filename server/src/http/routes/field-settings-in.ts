/** The settings of a field in the body of a call. */
import type { FieldSettings } from '../../administration/field-settings.ts';
import { givenMembers } from '../../domain/given-members.ts';

interface SettingsBody {
  readonly content?: boolean | undefined;
  readonly condition?: boolean | undefined;
  readonly display_name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly type?: string | undefined;
  readonly implied_value?: unknown;
  readonly sensitivity?: string | null | undefined;
  readonly currency?: string | null | undefined;
}

export function settingsIn(body: SettingsBody): FieldSettings {
  return givenMembers({
    content: body.content,
    condition: body.condition,
    displayName: body.display_name,
    description: body.description,
    type: body.type,
    impliedValue: body.implied_value,
    sensitivity: body.sensitivity,
    currency: body.currency,
  });
}
