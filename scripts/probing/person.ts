/** Whoever sits before the probe. */
export interface Person {
  /** False: nobody can be asked. */
  readonly present: boolean;
  tell(text: string): void;
  confirm(question: string): Promise<boolean>;
}
