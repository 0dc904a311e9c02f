/** What one check has found. */
export interface Finding {
  /** What was looked at; a word for programs. */
  readonly check: string;
  /** `bad`: a mount does not work with this; `warning`: it works, and something is not as it should be. */
  readonly state: 'good' | 'warning' | 'bad';
  /** One sentence. */
  readonly message: string;
  /** What helps; undefined where nothing is wrong. */
  readonly remedy?: string | undefined;
}

export function good(check: string, message: string): Finding {
  return { check, state: 'good', message };
}

export function bad(check: string, message: string, remedy: string): Finding {
  return { check, state: 'bad', message, remedy };
}

export function warning(check: string, message: string, remedy: string): Finding {
  return { check, state: 'warning', message, remedy };
}
