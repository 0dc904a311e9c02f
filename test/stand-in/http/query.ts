import { type DiskPath, isWithin, parsePath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';

/** The parameters of a request, read as the API reads them. All throw Refusal 400 for nonsense, 403 for paths out of reach. */
export class Query {
  readonly #parameters: URLSearchParams;
  readonly #appFolder: string;
  readonly #confinedTo: DiskPath | null;

  /** @param confinedTo the only folder that paths may name; null for all. */
  constructor(parameters: URLSearchParams, appFolder: string, confinedTo: DiskPath | null = null) {
    this.#parameters = parameters;
    this.#appFolder = appFolder;
    this.#confinedTo = confinedTo;
  }

  text(name: string): string | null {
    return this.#parameters.get(name);
  }

  required(name: string): string {
    const value = this.#parameters.get(name);
    if (value === null || value === '') throw new Refusal('FieldValidationError', name);
    return value;
  }

  flag(name: string, byDefault = false): boolean {
    const value = this.#parameters.get(name);
    if (value === null || value === '') return byDefault;
    if (/^(true|1|yes)$/i.test(value)) return true;
    if (/^(false|0|no)$/i.test(value)) return false;
    throw new Refusal('FieldValidationError', name);
  }

  integer(name: string, byDefault: number): number {
    const value = this.#parameters.get(name);
    if (value === null || value === '') return byDefault;
    if (!/^\d{1,12}$/.test(value)) throw new Refusal('FieldValidationError', name);
    return Number(value);
  }

  path(name = 'path'): DiskPath {
    const path = parsePath(this.required(name), this.#appFolder);
    if (this.#confinedTo && !isWithin(path, this.#confinedTo)) throw new Refusal('ForbiddenError');
    return path;
  }

  /** Values separated by commas. */
  list(name: string): string[] {
    return (this.#parameters.get(name) ?? '').split(',').filter((part) => part !== '');
  }
}
