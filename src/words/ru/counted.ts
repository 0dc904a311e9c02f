/** With 1, 2 and 5: «файл», «файла», «файлов». */
export type Forms = readonly [one: string, few: string, many: string];

let rules: Intl.PluralRules | undefined;

/** «1 файл», «2 файла», «5 файлов», «21 файл». */
export function counted(count: number, forms: Forms): string {
  return `${count} ${form(count, forms)}`;
}

/** The word alone. */
export function form(count: number, [one, few, many]: Forms): string {
  rules ??= new Intl.PluralRules('ru');
  switch (rules.select(count)) {
    case 'one':
      return one;
    case 'few':
      return few;
    default:
      return many;
  }
}

export const files: Forms = ['файл', 'файла', 'файлов'];
