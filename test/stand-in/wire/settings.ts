import * as z from 'zod';

const durationMs = z.number().min(0);
const rate = z.number().positive().nullable();

/** How fast the wire is. Rates are in bytes a second, `null` for no limit; `up` is client to server. */
export const paceSchema = z.strictObject({
  /** Waited before every request is handled. */
  delayMs: durationMs,
  /** Waited in addition before the first request of each new connection. */
  connectDelayMs: durationMs,
  upBytesPerSecond: rate,
  downBytesPerSecond: rate,
  /** Shared by all connections; a role that sets its own total shares it among its own connections alone. */
  upBytesPerSecondTotal: rate,
  downBytesPerSecondTotal: rate,
});
export type Pace = z.infer<typeof paceSchema>;

const paceOverrideSchema = paceSchema.partial();
export type PaceOverride = z.infer<typeof paceOverrideSchema>;

/** What `configure` takes: any part of the settings. A role named here replaces what was set for that role. */
export const settingsPatchSchema = paceOverrideSchema.extend({
  roles: z.record(z.string(), paceOverrideSchema).optional(),
  /** How many finished requests the request log keeps; 0 keeps none. */
  logCapacity: z.int().min(0).optional(),
});
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

/** The settings in force. */
export interface Settings extends Pace {
  roles: Record<string, PaceOverride>;
  logCapacity: number;
}

/** A wire that adds nothing. */
export const defaultSettings: Settings = {
  delayMs: 0,
  connectDelayMs: 0,
  upBytesPerSecond: null,
  downBytesPerSecond: null,
  upBytesPerSecondTotal: null,
  downBytesPerSecondTotal: null,
  roles: {},
  logCapacity: 2000,
};

/** The settings after a patch; keys that are absent or undefined stay as they were.
 * @throws ZodError when the patch is not one. */
export function patchedSettings(settings: Settings, patch: SettingsPatch): Settings {
  const { roles, ...rest } = settingsPatchSchema.parse(patch);
  return { ...settings, ...defined(rest), roles: { ...settings.roles, ...roles } };
}

/** The pace for one role. */
export function paceOf(settings: Settings, role: string): Pace {
  const override = settings.roles[role];
  return override === undefined ? settings : { ...settings, ...defined(override) };
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
